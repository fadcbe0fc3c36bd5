import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';

/**
 * Whether a server may send statements to its replicas, and not the rows that they changed: what `UPDATE … SET v =
 * v + 1` makes of a row that differs differs as well. What a session has set for itself alone nobody tells.
 */
export function logsStatements(server: SqlServer, options: QueryOptions): () => Promise<boolean> {
  const ask = async () => {
    if (!server.facts?.binlog) return false;
    const [format] = await server.query(`SHOW GLOBAL VARIABLES LIKE 'binlog_format'`, undefined, options);
    return format !== undefined && format['Value'] !== 'ROW';
  };
  let told: Promise<boolean> | null = null;
  return async () => {
    told ??= ask();
    try {
      return await told;
    } catch (error) {
      told = null;
      throw error;
    }
  };
}
