import type { TableSelection } from '../../config.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { fits } from '../../table-pattern.ts';
import { findColumns } from '../table/catalog.ts';
import { type IdleMasks, isForOneTable } from './selection.ts';

export interface IdleMasksOptions {
  selection: TableSelection;
  /** Also of what is written for one table; that is looked at again with each table. */
  all?: boolean;
  tables: readonly TableName[];
  source: SqlServer;
  target: SqlServer;
  fold: boolean;
  waitMs: number;
  signal: AbortSignal;
}

/**
 * Masks of patterns that fit no column of any of the tables that the pattern fits: mistyped, or of a column that is
 * called otherwise by now. One that fits a column of some table is meant for those. Asks nothing where no pattern
 * masks anything. Rejects with a ServerFault when a server stays away.
 */
export async function idleMasks(options: IdleMasksOptions): Promise<IdleMasks> {
  const { selection, all = false, tables, source, target, fold, waitMs, signal } = options;
  const masking = selection.overrides
    .filter((override) => all || !isForOneTable(override))
    .map((override) => ({ override, names: override.maskColumns.filter((name) => name !== '*') }))
    .filter(({ names }) => names.length > 0)
    .map((each) => ({ ...each, fitting: tables.filter((name) => fits(each.override.match, name, fold)) }))
    .filter(({ fitting }) => fitting.length > 0);
  if (masking.length === 0) return new Map();
  const schemas = [...new Set(masking.flatMap(({ fitting }) => fitting.map(({ schema }) => schema)))];
  const names = [...new Set(masking.flatMap((each) => each.names))];
  const sides = [source, target];
  const found = await retryConnection(
    () => Promise.all(sides.map((side) => findColumns(side, schemas, names, { signal }))),
    sides,
    waitMs,
    signal,
  );
  const columns = found.flat();
  const idle = masking.map(({ override, names }): [typeof override, string[]] => {
    const own = columns.filter((column) => fits(override.match, column, fold));
    const known = new Set(own.map(({ column }) => column.toLowerCase()));
    return [override, names.filter((name) => !known.has(name.toLowerCase()))];
  });
  return new Map(idle.filter(([, names]) => names.length > 0));
}
