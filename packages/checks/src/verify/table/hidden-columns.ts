import { ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { ident, qualified } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';

/**
 * Why a table may have columns that are not compared, null when it has none: with a grant on some columns only, a
 * server's catalog lists those and says nothing of the others.
 */
export async function hiddenColumns(
  name: TableName,
  server: SqlServer,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    await server.query(`SELECT * FROM ${qualified(name)} LIMIT 0`, undefined, { signal });
    return null;
  } catch (error) {
    if (!(error instanceof ServerFault) || error.kind !== 'privilege') throw error;
    return `${server.name} shows some of its columns only; GRANT SELECT ON ${ident(name.schema)}.${ident(name.table)} to Lockstep's account mends it`;
  }
}
