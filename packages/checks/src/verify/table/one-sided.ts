import type { SchemaDifference } from '../../model/verdict.ts';
import { namesFold } from '../../server/names-fold.ts';
import { ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { qualified } from '../../server/sql-text.ts';
import { formatTableName, type TableName } from '../../table-name.ts';
import { foldedName } from '../../wildcards.ts';
import { Undecidable } from '../undecidable.ts';
import { isTableType, listTables, readTableType } from './catalog.ts';
import type { Definitions } from './definitions.ts';

/** `ER_NO_SUCH_TABLE`, `ER_BAD_DB_ERROR`. */
const noSuchTable = new Set([1146, 1049]);

/**
 * What it means that a catalog does not list a table; null where it is there after all, for one that is renamed comes
 * and goes. Rejects where that does not prove its absence: a table that may not be read is not in the catalog either,
 * and asking for it tells the one from the other.
 */
export async function explainAbsence(
  name: TableName,
  now: Definitions,
  servers: { source: SqlServer; target: SqlServer },
  signal: AbortSignal,
): Promise<{ reason: string; schemaDifferences: SchemaDifference[] } | null> {
  for (const side of ['source', 'target'] as const) {
    if (now[side]) continue;
    if (!(await isAbsent(name, servers[side], signal))) return null;
    await mustNotBeOtherwise(name, servers, side, signal);
  }
  if (!now.source && !now.target) return { reason: 'the table is on neither side', schemaDifferences: [] };
  const reason = `the table is on the ${now.source ? 'source' : 'target'} only`;
  const state = (definition: unknown) => (definition ? 'exists' : null);
  return {
    reason,
    schemaDifferences: [
      { object: 'table', source: state(now.source), target: state(now.target), message: reason },
    ],
  };
}

/** Rejects with the server's refusal when it may not be asked for, and where something else has its name. */
async function isAbsent(name: TableName, server: SqlServer, signal: AbortSignal): Promise<boolean> {
  const refusal = await whyUnreadable(name, server, signal);
  if (refusal instanceof ServerFault && noSuchTable.has(refusal.errno)) return true;
  // The answer was of another moment than the catalog that did not list it.
  const type = await readTableType(server, name, { signal });
  if (type !== null && !isTableType(type)) {
    throw new Undecidable(
      `on ${server.name} it is not a table, but a view or something else that can be read`,
    );
  }
  if (type === null && refusal !== null) throw refusal;
  return false;
}

/** Under a name that differs in case alone it is the same table to the other side, renamed since it was listed. */
async function mustNotBeOtherwise(
  name: TableName,
  servers: { source: SqlServer; target: SqlServer },
  side: 'source' | 'target',
  signal: AbortSignal,
): Promise<void> {
  const { source, target } = servers;
  const server = servers[side];
  if (!namesFold(source, target) || server.facts?.foldsNames === true) return;
  const schemas = (schema: string) => foldedName(schema) === foldedName(name.schema);
  const listed = await listTables(server, schemas, { signal });
  const called = listed.filter(({ table }) => foldedName(table) === foldedName(name.table));
  if (called.length === 0) return;
  const names = called.map(formatTableName).join(' and ');
  throw new Undecidable(
    `${server.name} calls it ${names} by now, which is one name to ${(side === 'source' ? target : source).name}`,
  );
}

async function whyUnreadable(name: TableName, server: SqlServer, signal: AbortSignal): Promise<Error | null> {
  try {
    await server.query(`SELECT 1 FROM ${qualified(name)} LIMIT 0`, undefined, { signal });
    return null;
  } catch (error) {
    return error as Error;
  }
}
