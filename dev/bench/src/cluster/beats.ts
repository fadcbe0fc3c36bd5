import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, TestServer } from '@lockstep/servers';
import { schema } from './stage.ts';

const everyMs = 50;
const answerMs = 2000;

/** How far each member really is, by numbers that are written to the cluster and read from each of them. */
export interface Beats {
  /** By its reading after a moment: how old the oldest beat is that the member lacked, in ms; null: it was not read. */
  behind(member: number, at: number): number | null;
  /** By the last reading before. */
  behindAtMost(member: number, at: number): number | null;
  stop(): Promise<void>;
}

/** `writable`: where to write at present. What a member refuses, being frozen, or out of its group, is asked again. */
export async function startBeats(
  members: readonly TestServer[],
  writable: () => Promise<TestServer | null>,
): Promise<Beats> {
  const [first] = members;
  await first?.query(
    `CREATE TABLE ${schema}.beats (id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO ${schema}.beats VALUES (1, 0)`,
  );
  /** When each was seen to be committed. */
  const beats: number[] = [performance.now()];
  const seen: { at: number; n: number }[][] = members.map(() => []);
  const stop = new AbortController();
  const done = Promise.all([
    untilStopped(stop.signal, writable, async (connection) => {
      const n = beats.length;
      await connection.query(`UPDATE ${schema}.beats SET n = ${n} WHERE n < ${n}`);
      beats.push(performance.now());
    }),
    ...members.map((member, index) =>
      untilStopped(
        stop.signal,
        () => Promise.resolve(member),
        async (connection) => {
          const [rows] = await connection.query(`SELECT n FROM ${schema}.beats`);
          const [row] = rows as { n: number }[];
          if (row) seen[index]?.push({ at: performance.now(), n: Number(row.n) });
        },
      ),
    ),
  ]);
  const age = (at: number, reading: { n: number } | undefined) =>
    reading ? Math.max(0, at - (beats[reading.n + 1] ?? at)) : null;
  return {
    behind: (member, at) =>
      age(
        at,
        seen[member]?.find((reading) => reading.at >= at),
      ),
    behindAtMost: (member, at) =>
      age(
        at,
        seen[member]?.findLast((reading) => reading.at < at),
      ),
    async stop() {
      stop.abort();
      await done;
    },
  };
}

/** Again and again, on a connection that is made anew whenever it failed, or did not answer. */
export async function untilStopped(
  signal: AbortSignal,
  where: () => Promise<TestServer | null>,
  work: (connection: Connection) => Promise<unknown>,
  restMs = everyMs,
): Promise<void> {
  while (!signal.aborted) {
    let connection: Connection | null = null;
    try {
      const server = await where();
      if (server?.pid != null) {
        connection = await inTime(server.connect());
        while (!signal.aborted) {
          await inTime(work(connection));
          await pause(restMs);
        }
      }
    } catch {
      // Whoever is in trouble is tried again.
    }
    connection?.destroy();
    await pause(restMs);
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  work.catch(() => undefined);
  try {
    return await Promise.race([
      work,
      pause(answerMs, undefined, { signal: over.signal }).then(() => {
        throw new Error('no answer');
      }),
    ]);
  } finally {
    over.abort();
  }
}
