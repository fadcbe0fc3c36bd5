import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerHandle } from '@lockstep/servers';

export interface HeartbeatWriter {
  /** Sets the clock that it writes by, against the true one. */
  aheadMs: number;
  /** Resolves when it writes no more. */
  stop: () => Promise<void>;
}

/** The table that `pt-heartbeat --create-table` makes. */
export async function createHeartbeatTable(server: ServerHandle, table: string): Promise<void> {
  await server.query(
    `CREATE TABLE ${table} (ts varchar(26) NOT NULL, server_id int unsigned NOT NULL PRIMARY KEY,
      file varchar(255) DEFAULT NULL, position bigint unsigned DEFAULT NULL,
      relay_master_log_file varchar(255) DEFAULT NULL, exec_master_log_pos bigint unsigned DEFAULT NULL)`,
  );
}

/**
 * Writes a row the way pt-heartbeat does: the time of a clock, with microseconds, as text. The first is there when
 * this resolves.
 */
export async function writeHeartbeat(
  server: ServerHandle,
  table: string,
  { serverId, everyMs = 200, aheadMs = 0 }: { serverId: number; everyMs?: number; aheadMs?: number },
): Promise<HeartbeatWriter> {
  const connection = await server.connect();
  const stopping = new AbortController();
  const writer = { aheadMs, stop: () => Promise.resolve() };
  const beat = () =>
    connection.query(`REPLACE INTO ${table} (ts, server_id) VALUES (?, ?)`, [
      new Date(Date.now() + writer.aheadMs).toISOString().replace(/(\.\d{3})Z$/, '$1500'),
      serverId,
    ]);
  await beat();
  const writing = (async () => {
    try {
      for (;;) {
        await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        await beat();
      }
    } finally {
      connection.destroy();
    }
  })();
  writer.stop = () => {
    stopping.abort();
    return writing;
  };
  return writer;
}
