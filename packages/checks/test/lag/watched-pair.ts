import type { PairConfig } from '../../src/config.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import type { SampleListener } from '../../src/lag/position-sampler.ts';
import { ReplicationMonitor, type WatchedState } from '../../src/lag/replication-monitor.ts';
import type { StatusReading } from '../../src/lag/replication-status-reader.ts';
import { SourceWatermarks } from '../../src/lag/source-watermarks.ts';
import { Mishaps } from '../../src/mishaps.ts';
import type { LagSample } from '../../src/model/lag.ts';
import type { ChannelStatus, ReplicationStatus } from '../../src/model/replication.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { pairConfig } from '../support/config.ts';
import { channel, facts } from '../support/replication.ts';
import { ToldServer } from '../support/told-server.ts';

export const mariadb = (serverId: string, but: Partial<ServerFacts> = {}) =>
  facts('mariadb', { serverId, identity: serverId, instance: { server_uid: serverId }, ...but });
export const own = channel({ sourceHost: 'db1.local', sourceIdentity: '1' });

/** What a monitor asks of a sampler. */
function stoodFor() {
  const listeners: SampleListener[] = [];
  return {
    latest: null as PositionSample | null,
    fault: null as Error | null,
    binlogPauseMs: 0,
    heldUpSince: () => 0,
    binlogFor: new Set(),
    placesFor: new Set(),
    suspects: new Set(),
    listeners,
    listen: (listener: SampleListener) => {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
}

/** A pair on MariaDB, whose servers are looked at when the test says so. */
export function watched(
  but: Partial<PairConfig> = {},
  { replicatedBefore = false, groups = {} }: { replicatedBefore?: boolean; groups?: object } = {},
) {
  const time = { now: 0 };
  const clock = { now: () => time.now, wall: () => new Date(time.now) };
  const source = new ToldServer('db1', mariadb('1'));
  const target = new ToldServer('db2', mariadb('2'));
  const [sourceSampler, targetSampler] = [stoodFor(), stoodFor()];
  const watermarks = new SourceWatermarks(clock);
  const mishaps = new Mishaps();
  const lags: LagSample[] = [];
  const statuses: ReplicationStatus[] = [];
  const states: WatchedState[] = [];
  const members = {
    judge: () => null,
    membership: () => null,
    apart: () => null,
    note: () => null,
  };
  const monitor = new ReplicationMonitor({
    pair: pairConfig([], {
      source: 'db1',
      target: 'db2',
      lag: { warningMs: 500, criticalMs: 900, forMs: 0 },
      ...but,
    }),
    source: source.server,
    target: target.server,
    sourceSampler,
    targetSampler,
    watermarks,
    staleMs: 1000,
    groups: { members, ...groups },
    replicatedBefore,
    others: () => [],
    clock,
    mishaps,
    onLag: (sample: LagSample) => lags.push(sample),
    onReplication: (status: ReplicationStatus) => statuses.push(status),
    onState: (state: WatchedState) => states.push(state),
  } as unknown as ConstructorParameters<typeof ReplicationMonitor>[0]);
  const seen = (
    written: string,
    applied: string,
    state: string,
    more: Partial<PositionSample>,
  ): PositionSample => ({
    sentAt: time.now,
    receivedAt: time.now + 1,
    gtid: {
      source: { kind: 'mariadb-gtid', text: written, written, state },
      applied: { kind: 'mariadb-gtid', text: applied, state },
      history: state,
    },
    binlog: null,
    places: null,
    ...more,
  });
  return {
    time,
    source,
    target,
    sourceSampler,
    targetSampler,
    watermarks,
    mishaps,
    monitor,
    lags,
    statuses,
    states,
    members,
    /** The source has come to a number. */
    wrote: (number: number, more: Partial<PositionSample> = {}) => {
      time.now += 100;
      sourceSampler.latest = seen(`0-1-${number}`, '', `0-1-${number}`, more);
      watermarks.record(sourceSampler.latest);
    },
    /** The target has. */
    has: (number: number, more: Partial<PositionSample> = {}) => {
      time.now += 100;
      targetSampler.latest = seen('', `0-1-${number}`, `0-1-${number}`, more);
      for (const listener of targetSampler.listeners) listener.sample(targetSampler.latest);
      return lags.at(-1)!;
    },
    fails: (message: string) => {
      for (const listener of targetSampler.listeners) listener.fault(new Error(message));
      return lags.at(-1)!;
    },
    reads: (...channels: ChannelStatus[]) => {
      time.now += 10;
      monitor.read({ at: new Date(time.now), channels, fault: null });
      return statuses.at(-1)!;
    },
    unread: (fault: StatusReading['fault']) => {
      monitor.read({ at: new Date(time.now), channels: null, fault });
      return statuses.at(-1)!;
    },
  };
}

/** A pair of which all is well. */
export function inSync(...how: Parameters<typeof watched>) {
  const all = watched(...how);
  all.wrote(5);
  all.has(5);
  all.reads(own);
  all.has(5);
  return all;
}
