import { replicaStatusStatement } from '../../position/file-row.ts';
import { type QueryOptions, ServerFault, type SqlRow, type SqlServer } from '../../server/sql-server.ts';

/** Null where the account may not ask: whether there are any, nobody knows then. */
export async function channelsOf(server: SqlServer, options: QueryOptions): Promise<SqlRow[] | null> {
  return await asFarAsAllowed(server.query(replicaStatusStatement(server.facts!), [], options));
}

/**
 * That a MySQL server gets nothing from anybody, by a table that has a right of its own, and may be empty as well where
 * its schema is switched off.
 */
export async function hasNoChannel(server: SqlServer, options: QueryOptions): Promise<boolean> {
  if (server.facts?.flavour !== 'mysql') return false;
  const counted = `SELECT @@global.performance_schema AS tells, COUNT(*) AS channels
    FROM performance_schema.replication_connection_status`;
  const rows = await asFarAsAllowed(server.query(counted, [], options));
  return rows?.length === 1 && Number(rows[0]?.['tells']) === 1 && Number(rows[0]?.['channels']) === 0;
}

async function asFarAsAllowed(rows: Promise<SqlRow[]>): Promise<SqlRow[] | null> {
  try {
    return await rows;
  } catch (fault) {
    if (fault instanceof ServerFault && fault.kind === 'privilege') return null;
    throw fault;
  }
}
