import { caughtUp, type PausingProxy, startReplica, stopReplica, type TestServer } from '@lockstep/servers';

export interface Stage {
  source: TestServer;
  target: TestServer;
  /** The target reads from the source through it. */
  proxy: PausingProxy;
}

export interface Scenario {
  name: string;
  /** Brings the trouble about, and resolves with what ends it. */
  begin: (stage: Stage) => Promise<() => Promise<void>>;
}

const bigRows = 1_000_000;
const delaySeconds = 3;

export const scenarios: Scenario[] = [
  { name: 'steady', begin: () => Promise.resolve(() => Promise.resolve()) },
  {
    name: 'receiver stopped',
    async begin({ target }) {
      await stopReplica(target, 'io');
      return () => startReplica(target, 'io');
    },
  },
  {
    name: 'applier stopped',
    async begin({ target }) {
      await stopReplica(target, 'sql');
      return () => startReplica(target, 'sql');
    },
  },
  {
    name: 'link frozen',
    begin({ proxy }) {
      proxy.pause();
      return Promise.resolve(() => {
        proxy.resume();
        return Promise.resolve();
      });
    },
  },
  {
    name: 'applier blocked by a lock',
    async begin({ source, target }) {
      const holder = await target.connect();
      await holder.query('START TRANSACTION; SELECT * FROM bench.contended FOR UPDATE');
      await source.query('UPDATE bench.contended SET v = v + 1');
      return async () => {
        await holder.query('ROLLBACK');
        holder.destroy();
      };
    },
  },
  {
    name: 'one huge transaction',
    async begin({ source, target }) {
      const writer = await source.connect();
      await writer.query('UPDATE bench.big SET v = v + 1');
      writer.destroy();
      return () => caughtUp(source, target, 120);
    },
  },
  {
    name: `delayed by ${delaySeconds} s`,
    async begin({ target }) {
      await setDelay(target, delaySeconds);
      return () => setDelay(target, 0);
    },
  },
];

/** The tables that the scenarios write to. */
export async function prepareStage({ source, target }: Stage): Promise<void> {
  await source.query(
    `CREATE DATABASE IF NOT EXISTS bench;
     CREATE TABLE bench.contended (id INT PRIMARY KEY, v INT NOT NULL);
     INSERT INTO bench.contended VALUES (1, 0);
     CREATE TABLE bench.big (id INT PRIMARY KEY, v INT NOT NULL, pad CHAR(100) NOT NULL);
     SET SESSION ${source.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations'} = ${bigRows};
     INSERT INTO bench.big
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${bigRows}) SELECT i, 0, 'x' FROM n`,
  );
  await caughtUp(source, target, 120);
}

async function setDelay(target: TestServer, seconds: number): Promise<void> {
  await stopReplica(target);
  await target.query(
    target.flavour === 'mysql'
      ? `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}`
      : `CHANGE MASTER TO MASTER_DELAY = ${seconds}`,
  );
  await startReplica(target);
}
