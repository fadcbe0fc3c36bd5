import { bytes, ident, text } from './sql.ts';
import type { Column, Index, TableDefinition } from './definition.ts';
import { familyOf } from './encoding.ts';
import type { SqlValue } from '../server/sql-server.ts';

/** The key that chunks and rows are named by. */
export interface Key {
  columns: KeyColumn[];
  /** The index to follow on both sides; null when they do not share its name. */
  index: string | null;
  /** Both sides sort it alike, so that a range of it means the same on both. */
  ranged: boolean;
}

export interface KeyColumn {
  name: string;
  kind: 'number' | 'text' | 'bytes';
  /** A whole number on both sides. */
  integer: boolean;
}

/** One row's key values, in key order, as the driver reads them. */
export type KeyValues = SqlValue[];

/**
 * The primary key, else a unique key without NULLs, as the source has it. Null when there is none that is unique on both sides
 * and that both can be asked by exactly: a floating point key has no exact literal, an ENUM sorts by number but compares by label.
 */
export function chooseKey(source: TableDefinition, target: TableDefinition): Key | null {
  for (const index of candidates(source)) {
    const columns: KeyColumn[] = [];
    let ranged = true;
    for (const name of index.columns) {
      const here = find(source, name);
      const there = find(target, name);
      const kind = here && kindOf(here);
      if (!here || !there || !kind || kindOf(there) !== kind) break;
      if (here.collation !== there.collation) ranged = false;
      columns.push({
        name: here.name,
        kind,
        integer: familyOf(here) === 'integer' && familyOf(there) === 'integer',
      });
    }
    if (columns.length < index.columns.length || !namesOneRow(target, columns)) continue;
    const twin = target.indexes.find(
      ({ name, columns: c }) => name === index.name && c.join() === index.columns.join(),
    );
    return { columns, index: twin ? index.name : null, ranged };
  }
  return null;
}

function candidates(definition: TableDefinition): Index[] {
  return definition.indexes.filter(isKey).sort((a, b) => rank(a) - rank(b));
}

function isKey({ unique, nullable, prefixed, columns }: Index): boolean {
  return unique && !nullable && !prefixed && columns.every((c) => c !== null) && columns.length > 0;
}

/** Where the target has no such key (any more), several of its rows may have one name, or none. */
function namesOneRow(target: TableDefinition, columns: KeyColumn[]): boolean {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return target.indexes.some(
    (index) => isKey(index) && index.columns.every((c) => c !== null && names.has(c.toLowerCase())),
  );
}

function rank(index: Index): number {
  return index.name === 'PRIMARY' ? 0 : index.columns.length;
}

function find(definition: TableDefinition, name: string | null): Column | undefined {
  return definition.columns.find((column) => column.name.toLowerCase() === name?.toLowerCase());
}

function kindOf(column: Column): KeyColumn['kind'] | null {
  switch (familyOf(column)) {
    case 'integer':
    case 'decimal':
      return 'number';
    case 'text':
      return column.dataType === 'enum' || column.dataType === 'set' ? null : 'text';
    case 'temporal':
    case 'literal':
      return 'text';
    case 'bytes':
      return 'bytes';
    default:
      return null;
  }
}

/** A key value as SQL. */
export function keyLiteral(column: KeyColumn, value: SqlValue): string {
  if (value === null) return 'NULL';
  if (Buffer.isBuffer(value)) return bytes(value);
  if (column.kind === 'number') {
    const digits = String(value);
    if (!/^-?\d+(\.\d+)?$/.test(digits))
      throw new TypeError(`not a number in key column ${column.name}: ${digits}`);
    return digits;
  }
  return text(String(value));
}

/** One string for one key, for maps; two keys give the same only if their bytes are the same. */
export function keyId(values: KeyValues): string {
  if (values.length === 1) return idOf(values[0] ?? null);
  return JSON.stringify(values.map(idOf));
}

function idOf(value: SqlValue): string {
  return Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value);
}

/** For evidence: column name → value as text, binary as 0x…. */
export function keyRecord(key: Key, values: KeyValues): Record<string, string | null> {
  return Object.fromEntries(
    key.columns.map(({ name }, i) => {
      const value = values[i] ?? null;
      return [name, value === null ? null : idOf(value)];
    }),
  );
}

/** The way back from `keyRecord`. */
export function keyFromRecord(key: Key, record: Record<string, string | null>): KeyValues {
  return key.columns.map(({ name, kind }) => {
    const value = record[name] ?? null;
    return kind === 'bytes' && value !== null ? Buffer.from(value.slice(2), 'hex') : value;
  });
}

export function keyList(key: Key): string {
  return key.columns.map(({ name }) => ident(name)).join(', ');
}

/** Rows behind `from`, in the order of the key; written out, because optimizers do not use an index for `(a, b) > (1, 2)`. */
export function after(key: Key, from: KeyValues): string {
  return compare(key.columns, from, '>', false);
}

/** Rows up to `to`, it included. */
export function upTo(key: Key, to: KeyValues): string {
  return compare(key.columns, to, '<', true);
}

function compare(columns: KeyColumn[], values: KeyValues, operator: '<' | '>', inclusive: boolean): string {
  const [column, ...rest] = columns;
  if (!column) return inclusive ? 'TRUE' : 'FALSE';
  const name = ident(column.name);
  const value = keyLiteral(column, values[0] ?? null);
  if (rest.length === 0) return `${name} ${operator}${inclusive ? '=' : ''} ${value}`;
  const deeper = compare(rest, values.slice(1), operator, inclusive);
  return `(${name} ${operator}= ${value} AND (${name} ${operator} ${value} OR ${deeper}))`;
}

/** Exactly these rows. */
export function anyOf(key: Key, keys: KeyValues[]): string {
  const [only] = key.columns;
  if (key.columns.length === 1 && only) {
    return `${ident(only.name)} IN (${keys.map(([value]) => keyLiteral(only, value ?? null)).join(', ')})`;
  }
  return `(${keys
    .map(
      (values) =>
        `(${key.columns.map((column, i) => `${ident(column.name)} = ${keyLiteral(column, values[i] ?? null)}`).join(' AND ')})`,
    )
    .join(' OR ')})`;
}
