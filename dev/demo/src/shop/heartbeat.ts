import { setTimeout as pause } from 'node:timers/promises';
import { createMonitorUser, type ServerHandle } from '@lockstep/servers';
import type { Workload } from './workload.ts';

export const heartbeatTable = 'percona.heartbeat';

/** Writes to the source what Percona's pt-heartbeat would, every second: the demo must not need it installed. */
export async function startHeartbeat(source: ServerHandle, servers: ServerHandle[]): Promise<Workload> {
  await source.query('CREATE DATABASE percona');
  await source.query(
    `CREATE TABLE ${heartbeatTable} (ts varchar(26) NOT NULL, server_id int unsigned NOT NULL PRIMARY KEY)`,
  );
  await Promise.all(servers.map((server) => createMonitorUser(server, ['percona'])));
  const connection = await source.connect();
  let stopped = false;
  const done = (async () => {
    try {
      while (!stopped) {
        const next = pause(1000);
        const ts = new Date().toISOString().replace('Z', '000');
        await connection.query(`REPLACE INTO ${heartbeatTable} SELECT ?, @@server_id`, [ts]);
        await next;
      }
    } catch (error) {
      if (!stopped) throw error;
    } finally {
      connection.destroy();
    }
  })();
  return {
    done,
    async stop() {
      stopped = true;
      connection.destroy();
      await done.catch(() => undefined);
    },
  };
}
