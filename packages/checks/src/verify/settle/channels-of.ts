import { replicaStatusStatement } from '../../position/file-row.ts';
import { type QueryOptions, ServerFault, type SqlRow, type SqlServer } from '../../server/sql-server.ts';

/** None where the account may not ask. */
export async function channelsOf(server: SqlServer, options: QueryOptions): Promise<SqlRow[]> {
  try {
    return await server.query(replicaStatusStatement(server.facts!), [], options);
  } catch (fault) {
    if (fault instanceof ServerFault && fault.kind === 'privilege') return [];
    throw fault;
  }
}
