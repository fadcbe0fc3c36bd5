import type { TableOverride } from '../../config.ts';
import type { RowDifference } from '../../model/verdict.ts';
import type { QueryOptions, SqlServer, SqlValue } from '../../server/sql-server.ts';
import { readDefinition } from '../catalog.ts';
import type { Column } from '../definition.ts';
import { chooseKey, keyFromRecord, keyId, keyLiteral, type Key, type KeyValues } from '../key.ts';
import { ident, qualified, type TableName } from '../sql.ts';
import { TableSide } from '../table-side.ts';
import { columnSql, type ColumnSql } from './column-sql.ts';

export interface RepairText {
  /** What the session that runs them has to be set to, as statements. */
  preamble: string[];
  /** In the order in which they have to be run. */
  statements: string[];
  /** What could not be put into a statement, and why. */
  notes: string[];
}

export interface RepairOptions {
  source: SqlServer;
  target: SqlServer;
  name: TableName;
  /** Confirmed differences; more than these there may be. */
  rows: RowDifference[];
  /** How many there are in all. */
  total: number;
  override: Pick<TableOverride, 'ignoreColumns' | 'maskColumns'>;
  query: QueryOptions;
}

/** Rows are read from the servers in batches of so many. */
const batchSize = 100;

const preamble = [
  'SET NAMES utf8mb4',
  `SET SESSION time_zone = '+00:00'`,
  // Otherwise 0 in an AUTO_INCREMENT column would become the next number, and zero dates be refused.
  `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`,
];

/**
 * Statements that would make the target's rows what the source's are, to be read and run by a person: Lockstep never
 * does. Made of what both sides hold now; each is guarded by the full key and all old values, so that a row
 * changed in between is left alone. DELETEs come first, so that a key that moved is free again.
 */
export async function repairText(options: RepairOptions): Promise<RepairText> {
  const { source, target, name, rows, total, override, query } = options;
  // A statement without old values would have no guard, and one with them would show what is not to be shown.
  if (override.maskColumns.length > 0) {
    return nothing(
      'values of this table are masked by the configuration, and a repair would have to show them',
    );
  }
  const [from, to] = await Promise.all([
    readDefinition(source, name, query),
    readDefinition(target, name, query),
  ]);
  if (!from || !to) return nothing('the table is not on both sides');
  const key = chooseKey(from, to);
  if (!key) {
    return nothing(
      'the table has no key that rows could be named by; repair by hand from the listed contents',
    );
  }
  const ignored = new Set(override.ignoreColumns.map((column) => column.toLowerCase()));
  const sourceColumns = new Map(from.columns.map((column) => [column.name.toLowerCase(), column]));
  const columns = to.columns.filter(({ name: column }) => {
    const lower = column.toLowerCase();
    return sourceColumns.has(lower) && !ignored.has(lower);
  });
  const repair = new TableRepair(name, key, columns, sourceColumns);
  const side = (server: SqlServer) => new TableSide({ server, name, key, expression: null, where: null });
  const [here, there] = [side(source), side(target)];
  const keys = rows.map((row) => keyFromRecord(key, row.key));
  for (let i = 0; i < keys.length; i += batchSize) {
    const batch = keys.slice(i, i + batchSize);
    const [wanted, found] = await Promise.all([
      repair.read(here, batch, query),
      repair.read(there, batch, query),
    ]);
    for (const values of batch) repair.add(values, wanted.get(keyId(values)), found.get(keyId(values)));
  }
  const notes =
    total > rows.length
      ? [`these are ${rows.length} of ${total} differences: run them, verify again, and repair what is left`]
      : [];
  return { preamble, statements: repair.statements, notes };
}

function nothing(note: string): RepairText {
  return { preamble: [], statements: [], notes: [note] };
}

type RowValues = SqlValue[];

class TableRepair {
  readonly #name: TableName;
  readonly #key: Key;
  readonly #columns: { column: Column; wanted: ColumnSql; found: ColumnSql }[];
  readonly #deletes: string[] = [];
  readonly #updates: string[] = [];
  readonly #inserts: string[] = [];

  constructor(name: TableName, key: Key, columns: Column[], sourceColumns: Map<string, Column>) {
    this.#name = name;
    this.#key = key;
    this.#columns = columns.map((column) => ({
      column,
      wanted: columnSql(sourceColumns.get(column.name.toLowerCase()) ?? column),
      found: columnSql(column),
    }));
  }

  get statements(): string[] {
    return [...this.#deletes, ...this.#updates, ...this.#inserts];
  }

  /** Key id → the values of the repaired columns. */
  async read(side: TableSide, keys: KeyValues[], query: QueryOptions): Promise<Map<string, RowValues>> {
    const width = this.#key.columns.length;
    const select = [
      ...this.#key.columns.map(({ name }) => ident(name)),
      ...this.#columns.map(({ found }) => found.read),
    ];
    const rows = await side.values({ keys }, select, query);
    return new Map(rows.map((row) => [keyId(row.slice(0, width)), row.slice(width)]));
  }

  add(key: KeyValues, wanted: RowValues | undefined, found: RowValues | undefined): void {
    const table = qualified(this.#name);
    const writable = this.#columns
      .map((c, i) => ({ ...c, i }))
      .filter(({ column }) => column.generated === null);
    if (wanted && found) {
      const changed = writable.filter(({ i }) => wanted[i] !== found[i]);
      if (changed.length === 0) return;
      const set = changed.map(
        ({ column, wanted: sql, i }) => `${ident(column.name)} = ${sql.literal(wanted[i] ?? null)}`,
      );
      this.#updates.push(`UPDATE ${table} SET ${set.join(', ')} WHERE ${this.#guards(key, found)} LIMIT 1`);
    } else if (found) {
      this.#deletes.push(`DELETE FROM ${table} WHERE ${this.#guards(key, found)} LIMIT 1`);
    } else if (wanted) {
      const names = writable.map(({ column }) => ident(column.name));
      const values = writable.map(({ wanted: sql, i }) => sql.literal(wanted[i] ?? null));
      this.#inserts.push(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`);
    }
  }

  #guards(key: KeyValues, found: RowValues): string {
    const byKey = this.#key.columns.map(
      (column, i) => `${ident(column.name)} = ${keyLiteral(column, key[i] ?? null)}`,
    );
    const isKey = new Set(this.#key.columns.map(({ name }) => name.toLowerCase()));
    const byValue = this.#columns.flatMap(({ column, found: sql }, i) =>
      isKey.has(column.name.toLowerCase()) && column.charset === null ? [] : [sql.guard(found[i] ?? null)],
    );
    return [...byKey, ...byValue].join(' AND ');
  }
}
