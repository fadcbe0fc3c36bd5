import type { SqlValue } from '../../server/sql-server.ts';
import { ident, qualified } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import { type Key, keyLiteral, keyOn, type KeyValues, type SideKey } from '../key/key.ts';
import type { RepairColumn } from './repair-columns.ts';

/** One value for each of the repair's columns. */
export type RowValues = SqlValue[];

export interface Update {
  key: KeyValues;
  wanted: RowValues;
  found: RowValues;
}

/** The text of single statements. */
export class RowStatements {
  readonly #table: string;
  readonly #key: SideKey | null;
  readonly #columns: RepairColumn[];

  /** Without a key a row is named by its content. */
  constructor({ name, key, columns }: { name: TableName; key: Key | null; columns: RepairColumn[] }) {
    this.#table = qualified(name);
    // The statements are for the target.
    this.#key = key && keyOn(key, 'target');
    this.#columns = columns;
  }

  delete(key: KeyValues, found: RowValues, rows = 1): string {
    return `DELETE FROM ${this.#table} WHERE ${this.#guards(key, found)} LIMIT ${rows}`;
  }

  /** Null when no column that can be written is to change. */
  update({ key, wanted, found }: Update): string | null {
    const set: string[] = [];
    const kept: string[] = [];
    this.#columns.forEach(({ column, wanted: sql, writable, updatesItself }, i) => {
      const name = ident(column.name);
      if (!writable) return;
      if (sql && wanted[i] !== found[i]) set.push(`${name} = ${sql.literal(wanted[i] ?? null)}`);
      else if (updatesItself) kept.push(`${name} = ${name}`);
    });
    if (set.length === 0) return null;
    return `UPDATE ${this.#table} SET ${[...set, ...kept].join(', ')} WHERE ${this.#guards(key, found)} LIMIT 1`;
  }

  /** `kept`: what the row held before, of which the columns that are not compared are taken over. */
  insert(wanted: RowValues, kept: RowValues | null): string {
    const names: string[] = [];
    const values: string[] = [];
    this.#columns.forEach(({ column, wanted: sql, found, writable }, i) => {
      if (!writable || (!sql && !kept)) return;
      names.push(ident(column.name));
      values.push(sql ? sql.literal(wanted[i] ?? null) : found.literal(kept?.[i] ?? null));
    });
    return `INSERT INTO ${this.#table} (${names.join(', ')}) VALUES (${values.join(', ')})`;
  }

  #guards(key: KeyValues, found: RowValues): string {
    const keyColumns = this.#key?.columns ?? [];
    const byKey = keyColumns.map(
      (column, i) => `${ident(column.name)} = ${keyLiteral(column, key[i] ?? null)}`,
    );
    const isKey = new Set(keyColumns.map(({ name }) => name.toLowerCase()));
    const byValue = this.#columns.flatMap(({ column, wanted, found: sql }, i) =>
      wanted === null || (isKey.has(column.name.toLowerCase()) && column.charset === null)
        ? []
        : [sql.guard(found[i] ?? null)],
    );
    return [...byKey, ...byValue].join(' AND ');
  }
}
