import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerHandle, TestServer } from '@lockstep/servers';
import { rewritingServer } from './made-up-server.ts';

/** Where a server is reached that has the uuid of another, or that runs as that one does, on a host of its own. */
export async function ofOneName(server: TestServer, as: TestServer, host: string): Promise<number> {
  if (server.flavour === 'mysql') {
    if (server !== as) await copyName(server, as);
    return server.port;
  }
  const says: Record<string, string> = { port: '3306', datadir: `'/var/lib/mysql/'`, hostname: `'${host}'` };
  const names = Object.keys(says).join('|');
  const is = Object.entries(says).map(([name, value]) => `WHEN '${name}' THEN ${value}`);
  return await rewritingServer(server.port, (sql) =>
    sql
      .replace(
        /^SHOW SESSION VARIABLES WHERE/,
        `SELECT LOWER(VARIABLE_NAME) AS Variable_name, CASE LOWER(VARIABLE_NAME) ${is.join(' ')}
         ELSE VARIABLE_VALUE END AS Value FROM information_schema.SESSION_VARIABLES WHERE`,
      )
      .replaceAll(new RegExp(`@@(${names})\\b`, 'g'), (_, name: string) => says[name]!),
  );
}

/** MySQL's uuid; MariaDB has no name but its server_id. */
export async function copyName(server: TestServer, as: TestServer): Promise<void> {
  if (server.flavour !== 'mysql') return;
  await server.stop();
  await cp(join(as.dataDir, 'auto.cnf'), join(server.dataDir, 'auto.cnf'));
  await server.start();
}

/** Of two that number alike from here on. */
export async function takeNumbers(server: ServerHandle, from: ServerHandle): Promise<void> {
  if (server.flavour === 'mysql') {
    const [at] = await from.query<{ gtids: string }>('SELECT @@gtid_executed AS gtids');
    await server.query('RESET BINARY LOGS AND GTIDS');
    await server.query('SET GLOBAL gtid_purged = ?', [at?.gtids ?? '']);
  } else {
    const [at] = await from.query<{ gtids: string }>('SELECT @@gtid_binlog_state AS gtids');
    await server.query('RESET MASTER');
    await server.query('SET GLOBAL gtid_binlog_state = ?', [at?.gtids ?? '']);
  }
}
