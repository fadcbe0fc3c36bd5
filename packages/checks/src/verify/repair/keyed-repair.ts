import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { TableSide } from '../chunk/table-side.ts';
import { type Key, keyId, keyOn, keyRecord, type KeyValues } from '../key/key.ts';
import type { Index } from '../table/definition.ts';
import { type ColumnSql, cut, readsOf, unreadable, valuesIn, wasCut } from './column-sql.ts';
import { inTheWay } from './in-the-way.ts';
import type { RepairColumn } from './repair-columns.ts';
import { RowStatements, type RowValues, type Update } from './row-statements.ts';
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
      const both = [...(want ?? []), ...(have ?? [])];
      if (both.includes(cut)) made.say(`no statement for ${told(key, values)}: ${wasCut}`);
      else if (both.includes(unreadable)) {
        made.say(`no statement for ${told(key, values)}: a value is too large for the server to print`);
      } else if (want && have) updates.push({ key: values, wanted: want, found: have });
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

/**
 * Key id → one value for each column; NULL for those that this side is not asked for. What something in between keeps
 * back would be deleted, or inserted twice: a row is absent when those that have not come are asked for alone, and the
 * server says that it has none of them.
 */
async function read(
  side: TableSide,
  key: Key,
  columns: (ColumnSql | null)[],
  keys: KeyValues[],
  query: QueryOptions,
): Promise<Map<string, RowValues>> {
  const width = key.columns.length;
  const select = [...(side.key?.columns ?? []).map(({ read }) => read), ...readsOf(columns)];
  const found = new Map<string, RowValues>();
  let left = keys;
  for (let asked = Infinity; left.length > 0 && left.length < asked;) {
    const rows = await side.values(left, select, query);
    if (rows.length === 0) break;
    for (const row of rows) found.set(keyId(row.slice(0, width)), valuesIn(row.slice(width)));
    asked = left.length;
    left = left.filter((key) => !found.has(keyId(key)));
  }
  return found;
}

function told(key: Key, values: KeyValues): string {
  const named = Object.entries(keyRecord(key, values)).map(([name, value]) => `${name}=${value}`);
  return named.join(', ');
}
