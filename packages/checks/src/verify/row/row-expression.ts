import type { Column, Sides } from '../table/definition.ts';
import { type ColumnEncoding, encodeColumn, type Incomparable } from './encoding.ts';

/** A row as one string of bytes on each side, such that two rows give the same string only if they are the same. */
export interface RowExpression {
  source: string;
  target: string;
  encodings: ColumnEncoding[];
  /** Columns that had to be left out; a table with any is never said to match. */
  incomparable: Incomparable[];
}

/** Rows are put together on the server up to this size, well under the smallest usual max_allowed_packet. */
const inlineLimitBytes = 512 * 1024;
const alwaysAlone = new Set(['mediumtext', 'longtext', 'mediumblob', 'longblob', 'json']);
const aloneWhenWide = new Set(['text', 'blob']);

/**
 * The model: lengths of sized columns, plain values, sized values, with commas between. A plain value holds no comma
 * and is never `N`, so the fields before the sized ones are read off unmistakably, and with the lengths known so are
 * those. The last sized value needs no length, unless it can be NULL and so must be told from ''. It begins with
 * nothing, explicitly binary, which makes the whole string binary: every value goes in with the bytes that it is
 * stored with, and collations do not get in each other's way.
 *
 * CONCAT, not CONCAT_WS: what a server could not form, because it is larger than max_allowed_packet, must make the
 * whole row NULL, not be skipped. For the same reason `N` depends on the column, not on the value formed from it.
 */
export function rowExpression(sides: Sides[]): RowExpression {
  const width = sides.reduce(
    (sum, { source, target }) => sum + Math.max(source.octets ?? 32, target.octets ?? 32),
    0,
  );
  const wide = width > inlineLimitBytes;
  const hashLarge = (column: Column) =>
    alwaysAlone.has(column.dataType) || (wide && aloneWhenWide.has(column.dataType));

  const encodings: ColumnEncoding[] = [];
  const incomparable: Incomparable[] = [];
  for (const side of sides) {
    const encoding = encodeColumn(side, hashLarge);
    if ('because' in encoding) incomparable.push(encoding);
    else encodings.push(encoding);
  }
  return {
    source: expression(encodings, 'source'),
    target: expression(encodings, 'target'),
    encodings,
    incomparable,
  };
}

/** For people: what is left out of it, and why. */
export function whyIncomparable(row: RowExpression | null): string[] {
  const left = row?.incomparable ?? [];
  return left.map(({ column, because }) => `column ${column} was not compared: ${because}`);
}

function expression(encodings: ColumnEncoding[], side: 'source' | 'target'): string {
  const inShape = (shape: ColumnEncoding['shape']) => encodings.filter((e) => e.shape === shape);
  const unlessNull = (e: ColumnEncoding, sql: string, otherwise: string) =>
    e.nullable ? `IF(${e[side].name} IS NULL, ${otherwise}, ${sql})` : sql;

  const sized = inShape('sized');
  const lengths = sized.flatMap((e, i) => {
    // Of the last one only whether it is NULL has to be known.
    if (i === sized.length - 1) return e.nullable ? [`ISNULL(${e[side].name})`] : [];
    return [unlessNull(e, `LENGTH(${e[side].sql})`, `'N'`)];
  });
  const plain = inShape('plain').map((e) => unlessNull(e, e[side].sql, `'N'`));
  const values = sized.map((e) => unlessNull(e, e[side].sql, `''`));
  // Documents are hashed here; but whether the server printed them whole, only it can tell.
  const documents = inShape('document').map(
    ({ [side]: { name, sql } }) => `IF(${name} IS NULL OR ${sql} IS NOT NULL, '', NULL)`,
  );
  const parts = [...lengths, ...plain, ...values, ...documents];
  return `CONCAT(_binary'' COLLATE 'binary', ${parts.length === 0 ? `''` : parts.join(`, ',', `)})`;
}

/** 128 bits of the row's SHA-256, in hex: what tells two versions of one row apart. */
export function rowHash(expression: string): string {
  return `LEFT(SHA2(${expression}, 256), 32)`;
}

/** Above any sum of row hashes: 2^60 times the rows of any table. */
export const nullUnit = 10n ** 30n;

/**
 * A chunk's digest: SUM, not XOR, so that duplicates do not cancel. A row whose hash is NULL (larger than
 * max_allowed_packet) would be skipped unseen; it adds `nullUnit` instead and is counted by division.
 */
export function chunkSum(expression: string): string {
  return `SUM(IFNULL(CAST(CONV(LEFT(SHA2(${expression}, 256), 15), 16, 10) AS UNSIGNED), ${nullUnit}))`;
}
