import type { Column } from './definition.ts';
import { encodeColumn, type ColumnEncoding, type Incomparable, type Sides } from './encoding.ts';
import { ident } from './sql.ts';

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
 * The model: `CONCAT_WS(',', lengths of sized columns, plain values, sized values)`. A plain value holds no comma and is
 * never `N`, so the fields before the sized ones are read off unmistakably, and with the lengths known so are those.
 * The last sized value needs no length, unless it can be NULL and so must be told from ''. The separator is binary, which makes the whole string
 * binary: every value goes in with the bytes that it is stored with. Only where a table mixes collations (error 1271 on
 * MariaDB) each text has to be made binary for itself, which costs a copy.
 */
export function rowExpression(sides: Sides[]): RowExpression {
  const wide = sides.reduce((sum, { source }) => sum + (source.octets ?? 32), 0) > inlineLimitBytes;
  const hashLarge = (column: Column) =>
    alwaysAlone.has(column.dataType) || (wide && aloneWhenWide.has(column.dataType));

  const encodings: ColumnEncoding[] = [];
  const incomparable: Incomparable[] = [];
  for (const side of sides) {
    const encoding = encodeColumn(side, ident, hashLarge);
    if ('because' in encoding) incomparable.push(encoding);
    else encodings.push(encoding);
  }
  const binary = (side: 'source' | 'target') => {
    const mixed = new Set(sides.map((columns) => columns[side].collation).filter((c) => c !== null)).size > 1;
    const sql = (e: ColumnEncoding) =>
      mixed && e.shape === 'sized' ? `CAST(${e[side]} AS BINARY)` : e[side];
    return expression(encodings, sql);
  };
  return {
    source: binary('source'),
    target: binary('target'),
    encodings,
    incomparable,
  };
}

function expression(encodings: ColumnEncoding[], side: (encoding: ColumnEncoding) => string): string {
  const plain = encodings.filter((e) => e.shape === 'plain');
  const sized = encodings.filter((e) => e.shape === 'sized');
  const parts = [
    ...sized.flatMap((e, i) => {
      const last = i === sized.length - 1;
      if (last && !e.nullable) return [];
      // Of the last one only whether it is NULL has to be known.
      if (last) return [`ISNULL(${side(e)})`];
      return [e.nullable ? `IFNULL(LENGTH(${side(e)}), 'N')` : `LENGTH(${side(e)})`];
    }),
    ...plain.map((e) => (e.nullable ? `IFNULL(${side(e)}, 'N')` : side(e))),
    ...sized.map((e) => (e.nullable ? `IFNULL(${side(e)}, '')` : side(e))),
  ];
  return parts.length === 0 ? `_binary''` : `CONCAT_WS(_binary',', ${parts.join(', ')})`;
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
