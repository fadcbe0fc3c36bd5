import type { SqlValue } from '../../server/sql-server.ts';
import { bytes, text } from '../../server/sql-text.ts';
import { noLabel } from '../table/labels.ts';

/** The key that chunks and rows are named by. */
export interface Key {
  columns: KeyColumn[];
  /** The index to follow on both sides; null when they do not share its name. */
  index: string | null;
  /** Both sides sort it alike, so that a range of it means the same on both. */
  ranged: boolean;
  /** Why it is not ranged; '' where it is. */
  unranged: string;
}

export interface KeyColumn {
  name: string;
  kind: 'number' | 'double' | 'text' | 'bytes' | 'label';
  /** The SELECT item that both sides print alike, whatever each has declared. */
  read: string;
  /** A whole number on both sides, counting upwards. */
  integer: boolean;
  /** The index runs downwards here. */
  descending: boolean;
  /** An ENUM's labels in their order; empty for all else. */
  labels: string[];
  /** What a side's text is in where the sides differ in that: it cannot be compared with what it cannot hold. */
  charsets: Record<'source' | 'target', string> | null;
  /** That of the side that is asked. */
  charset: string | null;
}

/** One row's key values, in key order, as the driver reads them. An ENUM's is its number. */
export type KeyValues = SqlValue[];

/** The key as one side is asked by it. */
export function keyOn(key: Key, side: 'source' | 'target'): Key {
  return {
    ...key,
    columns: key.columns.map((column) => ({ ...column, charset: column.charsets?.[side] ?? null })),
  };
}

/** A key value as SQL. */
export function keyLiteral(column: KeyColumn, value: SqlValue): string {
  if (value === null) return 'NULL';
  if (Buffer.isBuffer(value)) return bytes(value);
  if (column.kind === 'text' || column.kind === 'bytes') {
    const literal = text(String(value));
    return column.charset === null ? literal : `CONVERT(${literal} USING ${column.charset})`;
  }
  const digits = String(value);
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(digits)) {
    throw new TypeError(`not a number in key column ${column.name}: ${digits}`);
  }
  // Without an exponent it would be a DECIMAL, and compared as such.
  return column.kind === 'double' && !digits.includes('e') ? `${digits}e0` : digits;
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
