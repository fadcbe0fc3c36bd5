import { setTimeout as pause } from 'node:timers/promises';
import { patienceMs } from '../patience.ts';
import type { ServerHandle } from '../server-handle.ts';
import type { Row } from '../sql.ts';
import { dialectOf, type Thread } from './dialect.ts';

export interface ReplicateOptions {
  /** Default true: position by GTID; else by binlog file and offset, from the first file. */
  gtid?: boolean;
  /** Default '': the default channel. */
  channel?: string;
  delaySeconds?: number;
  /** Where to reach the source; its own port when left out, e.g. a `pausingProxy`'s. */
  port?: number;
}

/** Makes `target` a replica of `source`, from the source's first event on; resolves when both threads run. */
export async function replicate(
  target: ServerHandle,
  source: ServerHandle,
  options: ReplicateOptions = {},
): Promise<void> {
  const { gtid = true, channel = '', delaySeconds = 0, port = source.port } = options;
  const dialect = dialectOf(target);
  await target.query(dialect.change({ ...source.replication, port, gtid, delaySeconds }, channel));
  await startReplica(target, 'both', channel);
}

/** Starts threads; resolves when they run, rejects with the server's own error when they cannot. */
export async function startReplica(
  target: ServerHandle,
  thread: Thread = 'both',
  channel = '',
): Promise<void> {
  await target.query(dialectOf(target).start(thread, channel));
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const status = await replicaStatus(target, channel);
    const receiver = thread === 'sql' || status['receiver'] === 'Yes';
    const applier = thread === 'io' || status['applier'] === 'Yes';
    if (receiver && applier) return;
    if (performance.now() > deadline) {
      throw new Error(`replication does not start: ${status['error'] || JSON.stringify(status)}`);
    }
    await pause(50);
  }
}

/** Resolves when the threads have stopped. */
export async function stopReplica(
  target: ServerHandle,
  thread: Thread = 'both',
  channel = '',
): Promise<void> {
  await target.query(dialectOf(target).stop(thread, channel));
}

/** Stops replication and forgets where it came from. */
export async function forgetSource(target: ServerHandle, channel = ''): Promise<void> {
  await stopReplica(target, 'both', channel);
  await target.query(dialectOf(target).reset(channel));
}

/** `receiver` and `applier` as the server says (`Yes`, `No`, `Connecting`), `error` its last one, `raw` all of it. */
export async function replicaStatus(
  target: ServerHandle,
  channel = '',
): Promise<{ receiver: string; applier: string; error: string; raw: Row }> {
  const [raw = {}] = await target.query(dialectOf(target).status(channel));
  const field = (name: string) => String(raw[`Replica_${name}`] ?? raw[`Slave_${name}`] ?? '');
  return {
    receiver: field('IO_Running'),
    applier: field('SQL_Running'),
    error: String(raw['Last_IO_Error'] || raw['Last_SQL_Error'] || ''),
    raw,
  };
}
