import { onTestFinished, vi } from 'vitest';
import type { LagConfig, PairConfig } from '../../src/config.ts';
import { LagManager, type LagManagerOptions } from '../../src/lag/lag-manager.ts';
import type { WatchedState } from '../../src/lag/replication-monitor.ts';
import type { LagSample } from '../../src/model/lag.ts';
import type { ReplicationStatus } from '../../src/model/replication.ts';
import { pairConfig } from '../support/config.ts';
import { facts } from '../support/replication.ts';
import { ToldServer } from '../support/told-server.ts';

export const config: LagConfig = { sampleIntervalMs: 400, statusIntervalMs: 1000, timeoutMs: 2000 };
export const channelsOf = 'SHOW ALL SLAVES STATUS';

/** A MariaDB server that has come to a number of db1's. */
export function server(name: string, has = 5): ToldServer {
  const id = name.slice(2);
  const told = new ToldServer(
    name,
    facts('mariadb', { serverId: id, identity: id, instance: { server_uid: id } }),
  );
  comesTo(told, has);
  told.says.set('slave_parallel_threads', [{ workers: 0 }]);
  if (name !== 'db1') told.says.set(channelsOf, [row]);
  return told;
}

export const row = {
  Connection_name: '',
  Master_Host: 'db1.local',
  Master_Port: 3306,
  Master_Server_Id: 1,
  Slave_IO_Running: 'Yes',
  Slave_SQL_Running: 'Yes',
  Using_Gtid: 'Slave_Pos',
  Gtid_IO_Pos: '',
};

export function comesTo(told: ToldServer, number: number): void {
  const gtid = `0-1-${number}`;
  const applied = told.name === 'db1' ? '' : gtid;
  told.says.set('gtid_binlog_pos', [{ written: gtid, applied, state: gtid }]);
}

export const pairOf = (target: string, but: Partial<PairConfig> = {}) =>
  pairConfig([], { name: `to-${target}`, source: 'db1', target, ...but });

/** db1 and its replicas db2 and db3. */
export function watching(
  pairs = [pairOf('db2'), pairOf('db3')],
  replicated: string[] | null = [],
  but: Partial<LagManagerOptions> = {},
) {
  const servers = new Map(['db1', 'db2', 'db3'].map((name) => [name, server(name)]));
  const samples: LagSample[] = [];
  const statuses: ReplicationStatus[] = [];
  const states: [string, WatchedState][] = [];
  const clock = { now: () => Date.now(), wall: () => new Date() };
  const lag = new LagManager({
    manager: { get: (name: string) => servers.get(name)!.server } as never,
    pairs,
    config,
    onLag: (sample) => samples.push(sample),
    onReplication: (status) => statuses.push(status),
    onState: (...state) => states.push(state),
    ...(replicated && { replicatedBefore: (pair) => replicated.includes(pair), clock }),
    ...but,
  });
  onTestFinished(() => lag.stop());
  const get = (name: string) => servers.get(name)!;
  const asked = (name: string, what: string) =>
    get(name).asked.filter(({ statements }) => statements.some((sql) => sql.includes(what))).length;
  return {
    lag,
    servers,
    get,
    samples,
    statuses,
    states,
    asked,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

/** How often servers were looked at, and targets asked for their status. */
export const counts = (asked: (name: string, what: string) => number, what: string) =>
  ['db1', 'db2', 'db3'].map((name) => asked(name, what));

/** Begins to watch; what is known of the pairs once all is. */
export const knows = async ({ lag, pass }: ReturnType<typeof watching>) => {
  lag.start();
  await pass(3000);
  return new Map(['to-db2', 'to-db3'].map((pair) => [pair, lag.sample(pair)]));
};

export const lagOf = ({ lag }: ReturnType<typeof watching>, pair: string) => lag.sample(pair)?.lagMs;
