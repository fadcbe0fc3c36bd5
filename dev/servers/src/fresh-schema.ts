import { randomBytes } from 'node:crypto';
import { createMonitorUser } from './monitor-user.ts';
import { caughtUp } from './replication/caught-up.ts';
import type { ServerHandle } from './server-handle.ts';
import { id } from './sql.ts';

export interface Pair {
  source: ServerHandle;
  target: ServerHandle;
}

/** A schema that nobody else uses, on both servers of a pair, open to the monitor's account. */
export interface FreshSchema extends Pair {
  name: string;
  /** Quoted, ready for SQL. */
  sql: string;
  /** Waits until the target has all that was committed on the source. */
  caughtUp: () => Promise<void>;
  drop: () => Promise<void>;
}

export async function createFreshSchema(pair: Pair): Promise<FreshSchema> {
  const { source, target } = pair;
  const name = `t_${randomBytes(6).toString('hex')}`;
  const sql = id(name);
  await source.query(`CREATE DATABASE ${sql} CHARACTER SET utf8mb4`);
  await caughtUp(source, target);
  await Promise.all([createMonitorUser(source, [name]), createMonitorUser(target, [name])]);
  return {
    source,
    target,
    name,
    sql,
    caughtUp: () => caughtUp(source, target),
    drop: async () => {
      await source.query(`DROP DATABASE IF EXISTS ${sql}`);
    },
  };
}
