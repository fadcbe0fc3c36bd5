import type { RowDifference } from '../../model/verdict.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { TableSide } from '../chunk/table-side.ts';
import type { RowExpression } from '../row/row-expression.ts';
import { cut, readsOf, unreadable, valuesIn, wasCut } from './column-sql.ts';
import type { RepairColumn } from './repair-columns.ts';
import { RowStatements } from './row-statements.ts';
import type { Statements } from './statements.ts';

export interface KeylessRepair {
  source: SqlServer;
  target: SqlServer;
  name: TableName;
  row: RowExpression;
  where: string | null;
  columns: RepairColumn[];
  made: Statements;
  query: QueryOptions;
}

/** Rows asked for at once; each statement reads the whole table. */
const batchSize = 100;

/**
 * Statements for rows that are named by their content: as many copies fewer or more as the source has now, and no more
 * than it was proved to have.
 */
export async function repairKeyless(listed: RowDifference[], repair: KeylessRepair): Promise<void> {
  const { source, target, name, row, where, columns, made, query } = repair;
  const here = new TableSide({ server: source, name, key: null, expression: row.source, where });
  const there = new TableSide({ server: target, name, key: null, expression: row.target, where });
  const rows = new RowStatements({ name, key: null, columns });
  const wanted = readsOf(columns.map((column) => column.wanted));
  const found = readsOf(columns.map((column) => column.found));
  for (let i = 0; i < listed.length && !made.full; i += batchSize) {
    const batch = listed.slice(i, i + batchSize);
    const hashes = batch.flatMap(({ contentHash }) => contentHash ?? []);
    if (hashes.length < batch.length) {
      made.say('no statement for rows that were listed when the table had a key; check it again');
    }
    const asked = { ...query, maxRows: batchSize };
    const [onSource, onTarget] = await Promise.all([
      here.contents(hashes, wanted, asked, false),
      there.contents(hashes, found, asked, false),
    ]);
    for (const { contentHash: hash, kind, count } of batch) {
      if (hash === undefined) continue;
      const surplus = (onTarget.get(hash)?.rows ?? 0) - (onSource.get(hash)?.rows ?? 0);
      const isStill = kind === 'surplus' ? surplus > 0 : surplus < 0;
      // What is more than was proved may be on its way, and would be there twice, or gone before it is to be deleted.
      const copies = isStill ? Math.min(Math.abs(surplus), count) : 0;
      const values = valuesIn((surplus > 0 ? onTarget : onSource).get(hash)?.values ?? []);
      if (copies > 0 && values.includes(cut)) made.say(`no statement for a row: ${wasCut}`);
      else if (copies > 0 && values.includes(unreadable)) {
        made.say('no statement for a row with a value that is too large for the server to print');
      } else if (copies > 0 && surplus > 0) made.delete(rows.delete([], values, copies));
      else for (let n = 0; n < copies && !made.full; n++) made.insert(rows.insert(values, null));
    }
    made.done(batch.reduce((sum, { count }) => sum + count, 0));
  }
}
