import type { QueryOptions, SqlServer, SqlValue } from '../../server/sql-server.ts';
import type { Index } from '../definition.ts';
import { keyId, keyLiteral, keyOn, keyRecord, type Key, type KeyValues } from '../key.ts';
import { ident, qualified, type TableName } from '../sql.ts';
import { TableSide } from '../table-side.ts';
import { unreadable, type ColumnSql } from './column-sql.ts';
import type { RepairColumn } from './repair-columns.ts';
import { inTheWay } from './in-the-way.ts';
import type { Statements } from './statements.ts';

export interface KeyedRepair {
  source: SqlServer;
  target: SqlServer;
  name: TableName;
  key: Key;
  columns: RepairColumn[];
  /** Unique indexes of the target besides its primary key. */
  uniques: Index[];
  rowBytes: number;
  made: Statements;
  query: QueryOptions;
}

/** Rows that are in memory at a time. */
const batchRows = 100;
const batchBytes = 8 * 1024 * 1024;

/** One value for each of the repair's columns. */
export type RowValues = SqlValue[];

export interface Update {
  key: KeyValues;
  wanted: RowValues;
  found: RowValues;
}

/** Statements for rows that are named by their key. */
export async function repairKeyed(keys: KeyValues[], repair: KeyedRepair): Promise<void> {
  const { source, target, name, key, columns, uniques, made, query, rowBytes } = repair;
  const side = (server: SqlServer, which: 'source' | 'target') =>
    new TableSide({ server, name, key: keyOn(key, which), expression: null, where: null });
  const [here, there] = [side(source, 'source'), side(target, 'target')];
  const rows = new RowStatements(repair);
  const updates: Update[] = [];
  const step = Math.max(1, Math.min(batchRows, Math.floor(batchBytes / Math.max(1, rowBytes))));
  for (let i = 0; i < keys.length && !made.full; i += step) {
    const batch = keys.slice(i, i + step);
    const [wanted, found] = await Promise.all([
      read(
        here,
        key,
        columns.map((column) => column.wanted),
        batch,
        query,
      ),
      read(
        there,
        key,
        columns.map((column) => column.found),
        batch,
        query,
      ),
    ]);
    for (const values of batch) {
      const [want, have] = [wanted.get(keyId(values)), found.get(keyId(values))];
      if ([...(want ?? []), ...(have ?? [])].includes(unreadable)) made.say(tooLarge(key, values));
      else if (want && have) updates.push({ key: values, wanted: want, found: have });
      else if (have) made.delete(rows.delete(values, have));
      else if (want) made.insert(rows.insert(want, null));
    }
    made.done(batch.length);
  }
  const stepAside = inTheWay(uniques, columns, updates);
  for (const update of updates) {
    if (!stepAside.has(update)) {
      const statement = rows.update(update);
      if (statement) made.update(statement);
      continue;
    }
    made.delete(rows.delete(update.key, update.found));
    made.insert(rows.insert(update.wanted, update.found));
  }
}

/** Key id → one value for each column; NULL for those that this side is not asked for. */
async function read(
  side: TableSide,
  key: Key,
  columns: (ColumnSql | null)[],
  keys: KeyValues[],
  query: QueryOptions,
): Promise<Map<string, RowValues>> {
  const width = key.columns.length;
  const select = [
    ...key.columns.map((column) => column.read),
    ...columns.map((column) => column?.read ?? 'NULL'),
  ];
  const rows = await side.values({ keys }, select, query);
  return new Map(rows.map((row) => [keyId(row.slice(0, width)), row.slice(width)]));
}

/** The text of single statements. */
class RowStatements {
  readonly #table: string;
  readonly #key: Key;
  readonly #columns: RepairColumn[];

  constructor({ name, key, columns }: Pick<KeyedRepair, 'name' | 'key' | 'columns'>) {
    this.#table = qualified(name);
    this.#key = key;
    this.#columns = columns;
  }

  delete(key: KeyValues, found: RowValues): string {
    return `DELETE FROM ${this.#table} WHERE ${this.#guards(key, found)} LIMIT 1`;
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
    const byKey = this.#key.columns.map(
      (column, i) => `${ident(column.name)} = ${keyLiteral(column, key[i] ?? null)}`,
    );
    const isKey = new Set(this.#key.columns.map(({ name }) => name.toLowerCase()));
    const byValue = this.#columns.flatMap(({ column, wanted, found: sql }, i) =>
      wanted === null || (isKey.has(column.name.toLowerCase()) && column.charset === null)
        ? []
        : [sql.guard(found[i] ?? null)],
    );
    return [...byKey, ...byValue].join(' AND ');
  }
}

function tooLarge(key: Key, values: KeyValues): string {
  const named = Object.entries(keyRecord(key, values)).map(([name, value]) => `${name}=${value}`);
  return `no statement for ${named.join(', ')}: a value is too large for the server to print`;
}
