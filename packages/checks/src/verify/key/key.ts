import type { SqlValue } from '../../server/sql-server.ts';
import { bytes, text } from '../../server/sql-text.ts';
import { noLabel } from '../table/labels.ts';
import { comesBack, printed, printsAsItIs } from '../table/printed.ts';

/** The key that chunks and rows are named by. */
export interface Key {
  columns: KeyColumn[];
  /** The index to follow on both sides; null when they do not share its name. */
  index: string | null;
  /** Both sides sort it alike, so that a range of it means the same on both. */
  ranged: boolean;
  /** Why it is not ranged; '' where it is. */
  unranged: string;
  /** Text is in it, of which each server has an order of its own: a collation of one name is another elsewhere. */
  ownOrder: boolean;
}

export interface KeyColumn {
  name: string;
  kind: 'number' | 'double' | 'text' | 'bytes' | 'label';
  /** The SELECT items, the same text for the same key on both sides, whatever each has declared. */
  reads: Record<Side, string>;
  /** A whole number on both sides, counting upwards. */
  integer: boolean;
  /** The index runs downwards here. */
  descending: boolean;
  /** An ENUM's labels in their order; empty for all else. */
  labels: string[];
  /** What each side's text is in; null for what is no text. */
  charsets: Record<Side, string> | null;
  /** And what it is compared by there. */
  collations: Record<Side, string> | null;
}

export type Side = 'source' | 'target';

/** The key as one side is asked by it. */
export interface SideKey extends Key {
  columns: SideKeyColumn[];
}

export interface SideKeyColumn extends KeyColumn {
  read: string;
  /** What the text is compared in, and by, where the sides differ in that; null where the server sees to it. */
  convertTo: { charset: string; collation: string | null } | null;
  /** What bytes of text are said to be in. */
  introducer: string | null;
}

/** One row's key values, in key order, as the driver reads them. An ENUM's is its number. */
export type KeyValues = SqlValue[];

export function keyOn(key: Key, side: Side): SideKey {
  return {
    ...key,
    columns: key.columns.map((column) => {
      const { reads, charsets, collations } = column;
      const differ = charsets !== null && charsets.source !== charsets.target;
      return {
        ...column,
        read: reads[side],
        convertTo: differ ? { charset: charsets[side], collation: collations?.[side] ?? null } : null,
        // Of another charset's bytes this side can say nothing.
        introducer: differ ? null : (charsets?.[side] ?? null),
      };
    }),
  };
}

/**
 * The SELECT item of text that may be in any charset: the text, where it comes back from that as the same bytes; else
 * those bytes, as 0x….
 */
export function exactText(name: string, charset: string): string {
  const exact = `${comesBack(name, charset)} AND LEFT(${printed(name)}, 2) <> '0x'`;
  return `IF(${exact}, ${printed(name)}, CONCAT('0x', HEX(${name})))`;
}

const bytesOfText = /^0x(?:[0-9A-F]{2})+$/;

/** A key value as SQL. */
export function keyLiteral(column: SideKeyColumn, value: SqlValue): string {
  if (value === null) return 'NULL';
  if (Buffer.isBuffer(value)) return bytes(value);
  if (column.kind === 'text') return textLiteral(column, String(value));
  if (column.kind === 'bytes') return text(String(value));
  const digits = String(value);
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(digits)) {
    throw new TypeError(`not a number in key column ${column.name}: ${digits}`);
  }
  // Without an exponent it would be a DECIMAL, and compared as such.
  return column.kind === 'double' && !digits.includes('e') ? `${digits}e0` : digits;
}

function textLiteral({ charsets, introducer, convertTo }: SideKeyColumn, value: string): string {
  if (charsets && mayBeBytes(charsets) && bytesOfText.test(value)) {
    // Finds no row, and the row is then said to have no name.
    return introducer === null ? 'NULL' : `_${introducer} ${value}`;
  }
  if (convertTo === null) return text(value);
  const { charset, collation } = convertTo;
  // What is converted has the charset's default collation, and does not give way to the column's.
  return `CONVERT(${text(value)} USING ${charset})${collation === null ? '' : ` COLLATE ${collation}`}`;
}

function mayBeBytes({ source, target }: Record<Side, string>): boolean {
  return !printsAsItIs(source) || !printsAsItIs(target);
}

/** How text is read on each side. */
export function textReads(name: string, charsets: Record<Side, string>): Record<Side, string> {
  if (!mayBeBytes(charsets)) return { source: name, target: name };
  return { source: exactText(name, charsets.source), target: exactText(name, charsets.target) };
}

/** One string for one key, for maps; two keys give the same only if their bytes are the same. */
export function keyId(values: KeyValues): string {
  if (values.length === 1) return idOf(values[0] ?? null);
  return JSON.stringify(values.map(idOf));
}

function idOf(value: SqlValue): string {
  return Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value);
}

/** For evidence: column name → value as text, binary as 0x…, an ENUM's label. */
export function keyRecord(key: Key, values: KeyValues): Record<string, string | null> {
  return Object.fromEntries(
    key.columns.map((column, i) => {
      const value = values[i] ?? null;
      if (value === null) return [column.name, null];
      return [column.name, column.kind === 'label' ? labelOf(column, Number(value)) : idOf(value)];
    }),
  );
}

/** The way back from `keyRecord`. */
export function keyFromRecord(key: Key, record: Record<string, string | null>): KeyValues {
  return key.columns.map(({ name, kind, labels }) => {
    const value = record[name] ?? null;
    if (value === null) return null;
    if (kind === 'label') return labels.indexOf(value) + 1;
    return kind === 'bytes' ? Buffer.from(value.slice(2), 'hex') : value;
  });
}

function labelOf({ labels }: KeyColumn, number: number): string {
  return labels[number - 1] ?? (labels.includes('') ? noLabel : '');
}
