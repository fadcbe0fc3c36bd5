import type { SchemaDifference } from '../../model/verdict.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import { qualified } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import { Undecidable } from '../undecidable.ts';
import type { Definitions } from './definitions.ts';

/** `ER_NO_SUCH_TABLE`, `ER_BAD_DB_ERROR`. */
const noSuchTable = new Set([1146, 1049]);

/**
 * What it means that a catalog does not list a table. Rejects where that does not prove its absence: a table that may
 * not be read is not in the catalog either, and asking for it tells the one from the other.
 */
export async function explainAbsence(
  name: TableName,
  now: Definitions,
  servers: { source: SqlServer; target: SqlServer },
  signal: AbortSignal,
): Promise<{ reason: string; schemaDifferences: SchemaDifference[] }> {
  if (!now.source) await mustNotExist(name, servers.source, signal);
  if (!now.target) await mustNotExist(name, servers.target, signal);
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

/** Rejects with the server's refusal when the table, or view, is there or may not be asked for. */
async function mustNotExist(name: TableName, server: SqlServer, signal: AbortSignal): Promise<void> {
  try {
    await server.query(`SELECT 1 FROM ${qualified(name)} LIMIT 0`, undefined, { signal });
  } catch (error) {
    if (error instanceof Error && 'errno' in error && noSuchTable.has(Number(error.errno))) return;
    throw error;
  }
  throw new Undecidable(`on ${server.name} it is not a table, but a view or something else that can be read`);
}
