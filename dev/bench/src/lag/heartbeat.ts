import { caughtUp, type Connection, type ServerHandle } from '@lockstep/servers';

const everyMs = 20;
const table = 'bench.heartbeat';

/** The truth about a replica's lag, known because the source is written to: what Lockstep itself must never do. */
export interface Heartbeat {
  /** How old the oldest beat is that the target did not have when it was last asked before `at`; 0 when it had all. */
  truthMs(at: number): number;
  stop(): Promise<void>;
}

/**
 * A number on the source that grows every 20 ms, and the same number read from the target as often. Both moments are on
 * this process's monotonic clock, so a truth is known to about 20 ms.
 */
export async function startHeartbeat(source: ServerHandle, target: ServerHandle): Promise<Heartbeat> {
  await source.query(
    `CREATE DATABASE IF NOT EXISTS bench; CREATE TABLE ${table} (id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO ${table} VALUES (1, 0)`,
  );
  await caughtUp(source, target);
  /** When each beat was committed. */
  const beats: number[] = [performance.now()];
  const seen: { at: number; n: number }[] = [];
  const stop = new AbortController();
  const writing = every(await source.connect(), stop.signal, async (connection) => {
    await connection.query(`UPDATE ${table} SET n = ?`, [beats.length]);
    beats.push(performance.now());
  });
  const reading = every(await target.connect(), stop.signal, async (connection) => {
    const [rows] = await connection.query(`SELECT n FROM ${table}`);
    seen.push({ at: performance.now(), n: Number((rows as { n: number }[])[0]?.n) });
  });
  const done = Promise.all([writing, reading]);
  // Heard when it is stopped.
  done.catch(() => undefined);
  return {
    truthMs(at) {
      const last = seen.findLast((reading) => reading.at <= at);
      if (!last) throw new Error('the heartbeat was not read yet');
      const missing = beats[last.n + 1];
      return missing !== undefined && missing <= at ? at - missing : 0;
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}

async function every(
  connection: Connection,
  signal: AbortSignal,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  try {
    for (let next = performance.now(); !signal.aborted; next = Math.max(next + everyMs, performance.now())) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
      await work(connection);
    }
  } finally {
    connection.destroy();
  }
}
