import { caughtUp, type Connection, type ServerHandle } from '@lockstep/servers';

const everyMs = 20;
/** A reading later than this says nothing of a moment before: an excuse for a wrong figure is not wanted. */
const soonMs = 3 * everyMs;
const table = 'bench.heartbeat';

/** What is known of the truth at a moment, in ms: a target that catches up may do so between two readings. */
export interface Truth {
  /**
   * By the reading after it, if that came soon: how old the oldest beat is that the target did not have; 0 for none.
   */
  atLeast: number;
  /** By the reading before it. */
  atMost: number;
}

/** The truth about a replica's lag, known because the source is written to: what Lockstep itself must never do. */
export interface Heartbeat {
  truth(at: number): Truth;
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
  const behind = (at: number, n: number): number => Math.max(0, at - (beats[n + 1] ?? at));
  return {
    truth(at) {
      const before = seen.findLastIndex((reading) => reading.at <= at);
      const [last, next] = seen.slice(before, before + 2);
      if (before < 0 || !last) throw new Error('the heartbeat was not read yet');
      const soon = next && next.at - at <= soonMs ? next : last;
      return { atLeast: behind(at, soon.n), atMost: behind(at, last.n) };
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
