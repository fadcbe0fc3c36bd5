import { type Flavour, replicate, startReplica, stopReplica } from '@lockstep/servers';
import { type TendedPair, tendedPair } from '@lockstep/servers/vitest';

export interface WrittenPair extends TendedPair {
  /** One more row of `d.t` on the source. */
  write: () => Promise<unknown>;
  lastRow: () => number;
  /** The next such row is there on the target already, in no binlog: its applier will fail. */
  obstruct: () => Promise<unknown>;
  clear: () => Promise<unknown>;
  /** `d.huge` of at least so many rows on the source. */
  makeHuge: (rows: number) => Promise<void>;
  /** All of it in one transaction. */
  changeHuge: () => Promise<unknown>;
  /** The target takes where the source is for where it is itself, in a history without transactions of its own. */
  adoptPosition: () => Promise<void>;
  /** Undoes `CREATE DATABASE` on the target, and that it ever was. */
  disown: (database: string) => Promise<void>;
  /** Has the target apply what it gets so much later; 0 for at once. */
  delay: (seconds: number) => Promise<void>;
}

/** A tended pair with a table that is written to, and what happens to such a pair. */
export function writtenPair(flavour: Flavour): WrittenPair {
  let row = 0;
  const pair = tendedPair({
    flavour,
    seed: async ({ source }) => {
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    },
  });
  const adoptPosition = async () => {
    const { source, target } = pair;
    if (flavour === 'mariadb') {
      const [at] = await source.query<{ pos: string }>('SELECT @@gtid_binlog_pos AS pos');
      await target.query('SET GLOBAL gtid_slave_pos = ?', [at?.pos ?? '']);
    } else {
      const [at] = await source.query<{ pos: string }>('SELECT @@gtid_executed AS pos');
      await target.query('RESET BINARY LOGS AND GTIDS');
      await target.query('SET GLOBAL gtid_purged = ?', [at?.pos ?? '']);
    }
  };
  return Object.assign(pair, {
    write: () => pair.source.query('INSERT INTO d.t VALUES (?, 0)', [++row]),
    lastRow: () => row,
    obstruct: async () => {
      await pair.target.query('SET sql_log_bin = 0');
      await pair.target.query('INSERT INTO d.t VALUES (?, 1)', [row + 1]);
    },
    clear: async () => {
      await pair.target.query('DELETE FROM d.t WHERE v = 1');
      await pair.target.query('SET sql_log_bin = 1');
    },
    makeHuge: async (rows: number) => {
      await pair.source.query('CREATE TABLE d.huge (id INT PRIMARY KEY, filler CHAR(200))');
      await pair.source.query(`INSERT INTO d.huge VALUES (0, REPEAT('x', 200))`);
      for (let there = 1; there < rows; there *= 2) {
        await pair.source.query(`INSERT INTO d.huge SELECT id + ${there}, filler FROM d.huge`);
      }
    },
    changeHuge: () => pair.source.query(`UPDATE d.huge SET filler = REPEAT('y', 200)`),
    adoptPosition,
    disown: async (database: string) => {
      await stopReplica(pair.target);
      await pair.target.query('SET sql_log_bin = 0');
      await pair.target.query(`DROP DATABASE ${database}`);
      await pair.target.query('SET sql_log_bin = 1');
      if (flavour === 'mariadb') await pair.target.query('RESET MASTER');
      else await adoptPosition();
      await startReplica(pair.target);
    },
    delay: async (delaySeconds: number) => {
      await stopReplica(pair.target);
      await replicate(pair.target, pair.source, { port: pair.proxy.port, delaySeconds });
    },
  });
}
