import { replicaStatusStatement } from '../../position/file-row.ts';
import { type QueryOptions, ServerFault, type SqlRow, type SqlServer } from '../../server/sql-server.ts';

/** Null where the account may not ask: whether there are any, nobody knows then. */
export async function channelsOf(server: SqlServer, options: QueryOptions): Promise<SqlRow[] | null> {
  return await asFarAsAllowed(server.query(replicaStatusStatement(server.facts!), [], options));
}

/** That a MySQL server gets nothing from anybody, by a table that has a right of its own. */
export async function hasNoChannel(server: SqlServer, options: QueryOptions): Promise<boolean> {
  if (server.facts?.flavour !== 'mysql') return false;
  const any = 'SELECT 1 AS channel FROM performance_schema.replication_connection_status LIMIT 1';
  return (await asFarAsAllowed(server.query(any, [], options)))?.length === 0;
}

async function asFarAsAllowed(rows: Promise<SqlRow[]>): Promise<SqlRow[] | null> {
  try {
    return await rows;
  } catch (fault) {
    if (fault instanceof ServerFault && fault.kind === 'privilege') return null;
    throw fault;
  }
}
