import { caughtUp, type OwnPair, type TestServer } from '@lockstep/servers';
import { schema } from './sbtest.ts';

/** A table whose rows live different lives, by their ids. */
export const liveTable = 'live';
const name = `${schema}.${liveTable}`;

export const rows = {
  /** Written hundreds of times a second each. */
  hot: [1, 2],
  /** Switched between two values hundreds of times a second. */
  toggled: 10,
  /** Written now and then, all over. */
  broad: { from: 1_000, to: 20_000 },
  /** Written every few seconds each. */
  warm: { from: 20_001, to: 20_200 },
  /** Never written; every thousandth id is free. */
  cold: { from: 20_201, to: 50_000 },
};

export async function fillLiveTable({ source, target }: OwnPair): Promise<void> {
  await source.query(
    `CREATE TABLE ${name} (
       id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       v INT NOT NULL DEFAULT 0,
       status VARCHAR(10) NOT NULL,
       note VARCHAR(60) NOT NULL,
       pad CHAR(60) NOT NULL DEFAULT 'x'
     ) ENGINE=InnoDB`,
  );
  await source.query(
    `INSERT INTO ${name} (id, status, note)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     SELECT i, 'new', LEFT(SHA2(i, 256), 40) FROM n`,
    [rows.cold.to],
  );
  await source.query(`DELETE FROM ${name} WHERE id >= ? AND id % 1000 = 0`, [rows.cold.from]);
  await caughtUp(source, target, 60);
}

export interface LiveLoad {
  /** Rejects when the source refused a write; else resolves with the number of writes that were made. */
  stop(): Promise<number>;
}

/**
 * About 1,300 writes a second until stopped. `minimal` logs only the columns that a write sets: a difference in another
 * column of the same row then stays, where the usual whole rows would mend it.
 */
export function liveLoad(source: TestServer, rowImage: 'full' | 'minimal'): LiveLoad {
  const stop = new AbortController();
  let writes = 0;
  const loop = async (perSecond: number, statement: (i: number) => string) => {
    const connection = await source.connect();
    try {
      await connection.query(`SET SESSION binlog_row_image = '${rowImage}'`);
      const began = performance.now();
      for (let i = 0; !stop.signal.aborted; i++) {
        await connection.query(statement(i));
        writes++;
        const ahead = ((i + 1) / perSecond) * 1000 - (performance.now() - began);
        // Timers come a millisecond late or more; what is lost then is made up for.
        if (ahead > 2) await new Promise((resolve) => setTimeout(resolve, ahead));
      }
    } finally {
      connection.destroy();
    }
  };
  const within = ({ from, to }: { from: number; to: number }, i: number) =>
    from + ((i * 7919) % (to - from + 1));
  const done = Promise.all([
    ...rows.hot.map((id) => loop(300, () => `UPDATE ${name} SET v = v + 1 WHERE id = ${id}`)),
    loop(300, (i) => `UPDATE ${name} SET status = '${i % 2 ? 'a' : 'b'}' WHERE id = ${rows.toggled}`),
    loop(200, (i) => `UPDATE ${name} SET v = v + 1 WHERE id = ${within(rows.broad, i)}`),
    loop(40, (i) => `UPDATE ${name} SET v = v + 1 WHERE id = ${within(rows.warm, i)}`),
    loop(200, (i) =>
      i % 2
        ? `DELETE FROM ${name} WHERE id > ${rows.cold.to} ORDER BY id LIMIT 1`
        : `INSERT INTO ${name} (v, status, note) VALUES (${i}, 'new', '${'n'.repeat(i % 40)}')`,
    ),
  ]);
  // Heard when it is stopped.
  done.catch(() => undefined);
  return {
    async stop() {
      stop.abort();
      await done;
      return writes;
    },
  };
}
