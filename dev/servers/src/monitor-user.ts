import type { Credentials, ServerHandle } from './server-handle.ts';
import { id } from './sql.ts';

/**
 * Lockstep's own account on a server, with the least privileges that it is documented to work with: it may see
 * replication, and read the schemas given here (in addition to those given before). Other schemas stay closed to it.
 */
export async function createMonitorUser(server: ServerHandle, schemas: string[] = []): Promise<Credentials> {
  if (schemas.length === 0) return server.monitor;
  const connection = await server.connect();
  try {
    // Each server has its own account, so nothing of this may replicate.
    await connection.query('SET sql_log_bin=0');
    for (const schema of schemas) {
      // In GRANT, `_` and `%` are wildcards in a schema's name.
      const name = id(schema.replace(/[_%\\]/g, '\\$&'));
      await connection.query(`GRANT SELECT ON ${name}.* TO '${server.monitor.user}'@'127.0.0.1'`);
    }
  } finally {
    await connection.end();
  }
  return server.monitor;
}
