import { expect, test, vi } from 'vitest';
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

const mariadb = (serverId: string, but: Partial<ServerFacts> = {}) =>
  facts('mariadb', { serverId, identity: serverId, instance: { server_uid: serverId }, ...but });
const own = channel({ sourceHost: 'db1.local', sourceIdentity: '1' });

/** What a monitor asks of a sampler. */
function stoodFor() {
  const listeners: SampleListener[] = [];
  return {
    latest: null as PositionSample | null,
    fault: null as Error | null,
    binlogPauseMs: 0,
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
function watched(
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
function inSync(...how: Parameters<typeof watched>) {
  const all = watched(...how);
  all.wrote(5);
  all.has(5);
  all.reads(own);
  all.has(5);
  return all;
}

test('before anything is known of a pair it is not measured yet', () => {
  const { monitor } = watched();
  expect(monitor.state).toEqual({ state: 'unknown', evidence: 'not measured yet', since: new Date(0) });
  expect([monitor.status, monitor.stopped, monitor.route]).toEqual([null, null, null]);
});

test('a pair of which all is well is in sync, and each thing is told as it becomes known', () => {
  const { monitor, lags, statuses, states } = inSync();
  expect(lags.map(({ lagMs }) => lagMs)).toEqual([null, 0]);
  expect(statuses).toMatchObject([
    {
      pair: 'pair',
      at: new Date(210),
      channels: [own],
      channel: own,
      attribution: 'unknown',
      errant: null,
      errantKnown: '',
      sameStorage: null,
      direct: true,
      readsFrom: 'db1.local:3306',
      repointed: null,
      evidence: 'reads from db1.local:3306; receiver running, applier running',
    },
  ]);
  expect(states.map(({ state }) => state)).toEqual(['unknown', 'in-sync']);
  expect(monitor.state.since).toEqual(new Date(310));
  expect(monitor.state.evidence).not.toContain('reads from');
  expect(monitor.source).toBe('db1');
  expect(monitor.targetFolds).toBe(false);
});

test('names fold where the target says so', () => {
  const { monitor, target } = watched();
  target.facts = mariadb('2', { foldsNames: true });
  expect(monitor.targetFolds).toBe(true);
  target.facts = null;
  expect(monitor.targetFolds).toBe(false);
});

test('the sentence is told anew at the rate of the status, the state at once, and what is the same not again', () => {
  const { wrote, has, reads, states, monitor } = inSync();
  const told = states.length;
  wrote(5);
  has(5);
  expect(states.length).toBe(told);
  expect(reads(own).attribution).toBe('none');
  expect(states.length).toBe(told + 1);
  reads(own);
  expect(states.length).toBe(told + 1);
  const { since } = monitor.state;
  wrote(6);
  for (let look = 0; look < 2; look++) {
    wrote(7);
    has(5);
  }
  expect(monitor.state.state).toBe('in-sync');
  expect(monitor.state.since).toEqual(since);
  for (let look = 0; look < 2; look++) {
    wrote(7);
    has(5);
  }
  expect(states.at(-1)).toMatchObject({ state: 'lagging' });
  expect(monitor.state.since).not.toEqual(since);
});

test('what is missing and was received waits for the applier', () => {
  const { wrote, has, reads } = inSync();
  wrote(6);
  has(5);
  wrote(6);
  has(5);
  expect(reads({ ...own, receivedGtid: '0-1-6' }).attribution).toBe('applier');
  expect(reads({ ...own, receivedGtid: '0-1-5' }).attribution).toBe('link');
});

test('a thread is stopped since it was seen to be, if it was seen running', () => {
  const { reads, monitor, has } = inSync();
  const stopped = { ...own, applier: 'stopped' } as const;
  reads(stopped);
  const { stopped: why } = monitor;
  expect(why).toBe('the applier is stopped since 1970-01-01 00:00:00 UTC');
  expect(monitor.state.state).toBe('stopped');
  has(5);
  reads({ ...own, receiver: 'stopped' });
  expect(monitor.stopped).toMatch(/^the receiver is stopped since/);
  reads(own);
  expect(monitor.stopped).toBeNull();
  const never = watched();
  never.reads(stopped);
  expect(never.monitor.stopped).toBe('the applier is stopped');
  never.reads();
  never.reads(stopped);
  expect(never.monitor.stopped).toBe('the applier is stopped');
});

test('replication that was there has vanished, also if that was before this program started', () => {
  const state = (all: ReturnType<typeof watched>) => {
    all.reads();
    return all.monitor.state.state;
  };
  expect(state(watched())).toBe('not-configured');
  expect(state(watched({}, { replicatedBefore: true }))).toBe('vanished');
  expect(state(inSync())).toBe('vanished');
});

test('without channels nothing is said to be read from, and it is said why', () => {
  const { reads } = inSync();
  expect(reads()).toMatchObject({
    channel: null,
    direct: null,
    repointed: null,
    evidence: 'db2 is not a replica',
  });
});

test('a channel that seeks its source was connected last to the one before', () => {
  const { reads } = inSync();
  const seeking = { ...own, sourceHost: 'elsewhere', receiver: 'connecting' } as const;
  expect(reads(seeking).readsFrom).toBe('db1.local:3306');
  expect(watched().reads(seeking).readsFrom).toBeNull();
});

test('a channel that reads from another server now is told since when', () => {
  const { reads, monitor, has } = inSync();
  const status = reads({ ...own, sourceHost: 'elsewhere', sourceIdentity: '7' });
  expect(status).toMatchObject({ direct: false, repointed: new Date(320) });
  expect(status.evidence).toBe(
    'reads from elsewhere:3306, not from db1 itself any more since 1970-01-01 00:00:00 UTC; receiver running, applier running',
  );
  has(5);
  expect(monitor.state.evidence).toContain('not from db1 itself any more');
});

test('a status that cannot be read is told with its fault, and the route stays', () => {
  const { unread, target, monitor } = inSync();
  const { route } = monitor;
  expect(unread(target.fault('timeout', 'no answer'))).toMatchObject({
    channels: null,
    channel: null,
    direct: null,
    evidence: 'the replication status could not be read: no answer',
  });
  expect(monitor.route).toEqual(route);
});

test('where the status may not be read, GTIDs alone are the way', () => {
  const { unread, target, wrote, has, monitor } = watched();
  wrote(5);
  has(5);
  expect(unread(target.fault('timeout')).errant).toBeNull();
  expect(monitor.route).toBeNull();
  const status = unread(target.fault('privilege', 'denied'));
  expect(monitor.route).toMatchObject({ blind: true, method: { kind: 'mariadb-gtid' } });
  expect(has(5)).toMatchObject({ lagMs: 0 });
  expect(status).toMatchObject({ errant: null, errantCount: null, errantKnown: '' });
  wrote(5);
  has(5);
  // What comes by the channels that nobody sees would be taken for the target's own.
  expect(unread(target.fault('privilege', 'denied')).errant).toBeNull();
});

test('what only the target has is told with the status', () => {
  const { wrote, has, reads } = inSync();
  for (let look = 0; look < 4; look++) {
    wrote(5);
    const applied = { kind: 'mariadb-gtid', text: '0-1-5', state: '0-1-5,0-2-6' } as const;
    has(5, { gtid: { source: applied, applied, history: '0-1-5,0-2-6' } });
    reads(own);
  }
  expect(reads(own)).toMatchObject({ errant: '0-2-6', errantCount: null, errantKnown: '' });
});

/** The target has written itself what its source has not. */
const alone = { kind: 'mariadb-gtid', text: '0-1-5', state: '0-1-5,0-2-6' } as const;
const wroteItself = { gtid: { source: alone, applied: alone, history: '0-1-5,0-2-6' } };

test('what only the target has stays told while the status cannot be read, and not where it may not be', () => {
  const { wrote, has, reads, unread, target, mishaps } = inSync();
  for (let look = 0; look < 4; look++) {
    wrote(5);
    has(5, wroteItself);
    reads(own);
  }
  expect(unread(target.fault('timeout')).errant).toBe('0-2-6');
  has(5, wroteItself);
  expect(mishaps.recent()).toEqual([]);
  const blind = watched();
  for (let look = 0; look < 4; look++) {
    blind.wrote(5);
    blind.has(5, wroteItself);
    // What comes by the channels that nobody sees would be taken for the target's own.
    expect(blind.unread(target.fault('privilege')).errant).toBeNull();
  }
});

test('before histories were compared, what the source does not show is not believed', () => {
  const { wrote, has, reads } = watched();
  wrote(3);
  has(9);
  reads(own);
  expect(has(9).evidence).toMatch(/^lag unknown: db2 has transactions that db1 does not show/);
});

test('what several sources write into one domain is noticed, and then file and offset are the way', () => {
  const { wrote, has, reads, monitor } = watched();
  const other = channel({ name: 'other', sourceHost: 'db7.local', sourceIdentity: '7' });
  const of = (text: string) => ({ kind: 'mariadb-gtid', text, state: text }) as const;
  const got = (text: string) => ({ gtid: { source: of(text), applied: of(text), history: text } });
  wrote(5);
  has(5);
  reads(own, other);
  for (let look = 0; look < 3; look++) {
    wrote(5);
    has(5);
  }
  expect(monitor.route?.method.kind).toBe('mariadb-gtid');
  for (let look = 0; look < 3; look++) {
    wrote(5);
    has(5, got('0-7-50'));
  }
  expect(monitor.route?.method.kind).toBe('file');
});

/** A look at a server of one history by domain and writer. */
const having = (text: string, state = text) => {
  const position = { kind: 'mariadb-gtid', text, written: text, state } as const;
  return { gtid: { source: position, applied: { ...position, text: '' }, history: state } };
};
const hasApplied = (text: string) => {
  const position = { kind: 'mariadb-gtid', text, state: text } as const;
  return { gtid: { source: position, applied: position, history: text } };
};

test('a binlog that the source reads in again tells nothing where others send to the target, too', () => {
  const { wrote, has, reads, monitor } = watched();
  const other = channel({ name: 'other', sourceHost: 'db7.local', sourceIdentity: '7' });
  wrote(5, having('0-1-5', '0-4711-700,0-1-5'));
  reads(own, other);
  has(5, hasApplied('0-4711-900'));
  expect(monitor.route?.method.kind).toBe('file');
});

test('where nobody else sends to the target, what the source reads in again it has lost', () => {
  const { wrote, has, reads } = watched();
  for (let look = 0; look < 4; look++) {
    has(5, hasApplied('0-7-9'));
    wrote(5, having('0-7-3'));
    reads(own);
  }
  expect(has(5, hasApplied('0-7-9')).evidence).toMatch(/its history was reset or restored$/);
});

test('where both names lead to one server at a look, that is the reason at once', () => {
  const { has, target, monitor } = inSync();
  target.facts = mariadb('1');
  expect(has(5).evidence).toMatch(/^lag unknown: both names lead to one server/);
  expect(monitor.route?.one).toBe(true);
});

test('another server is noticed by the status as well, and the doubts of the one before are not its own', () => {
  const { source, reads, watermarks, monitor, has, wrote } = inSync();
  const stopped = { ...own, sourceIdentity: '9', applier: 'stopped' } as const;
  monitor.sourceWentBack();
  source.facts = mariadb('9');
  reads(stopped);
  expect(watermarks.ring('mariadb-gtid').newest).toBeNull();
  // The target is who it was.
  expect(monitor.stopped).toMatch(/ since /);
  wrote(5);
  expect(has(5)).toMatchObject({ lagMs: 0 });
});

test('since when a thread is stopped stays known while the status cannot be read', () => {
  const { reads, unread, target, time, monitor } = inSync();
  const stopped = { ...own, applier: 'stopped' } as const;
  reads(stopped);
  time.now += 60_000;
  unread(target.fault('timeout'));
  reads(stopped);
  expect(monitor.stopped).toBe('the applier is stopped since 1970-01-01 00:00:00 UTC');
});

test('of several channels, none of which is the source’s, it is said that one is to be named', () => {
  const of = (name: string) => channel({ name, sourceHost: name, sourceIdentity: '7' });
  const { evidence } = watched().reads(of('x'), of('y'));
  expect(evidence).toContain("name the pair's channel in the configuration");
});

test('two servers of one Aurora cluster have one storage, by the word of its list', () => {
  const { source, target, monitor, statuses } = watched();
  const aurora = { version: '3', reader: true };
  const of = (id: string) =>
    facts('mysql', { identity: id, uuid: id, instance: { aurora_server_id: id }, aurora });
  [source.facts, target.facts] = [of('i1'), of('i2')];
  const members = ['i1', 'i2'].map((instance) => ({ instance, lagMs: 7, toldAt: 'then' }));
  const reading = { at: new Date(0), channels: [], fault: null };
  monitor.read({ ...reading, aurora: members });
  expect(statuses.at(-1)?.sameStorage).toContain('one Aurora cluster');
  monitor.read(reading);
  expect(statuses.at(-1)?.sameStorage).toBeNull();
});

test('who cannot be told a status is a mishap of the pair’s, and the engine goes on', () => {
  const { monitor, mishaps, statuses } = inSync();
  statuses.push = () => {
    throw new Error('not I');
  };
  monitor.read({ at: new Date(0), channels: [own], fault: null });
  expect(mishaps.recent().map(({ what, struck }) => ({ what, struck }))).toEqual([
    { what: 'reading the replication status', struck: { pair: 'pair' } },
    { what: 'telling the replication status', struck: { pair: 'pair' } },
  ]);
});

test('who may write on the target is told apart', () => {
  const { wrote, has, reads } = inSync({ errant: { ignore: ['2'] } });
  for (let look = 0; look < 4; look++) {
    wrote(5);
    const applied = { kind: 'mariadb-gtid', text: '0-1-5', state: '0-1-5,0-2-6' } as const;
    has(5, { gtid: { source: applied, applied, history: '0-1-5,0-2-6' } });
    reads(own);
  }
  expect(reads(own)).toMatchObject({ errant: '', errantKnown: '0-2-6' });
});

test('nonsense in a status costs the pair its channels until the next reading, and is no mishap', () => {
  const { reads, monitor, mishaps } = inSync();
  const status = reads({ ...own, receivedGtid: 'nonsense' });
  expect(status.channels).toBeNull();
  expect(status.evidence).toMatch(/^what db2 printed is /);
  expect(monitor.state.evidence).toContain('what db2 printed is ');
  expect(mishaps.recent()).toEqual([]);
  expect(reads(own).evidence).toMatch(/^reads from/);
});

test('an error that nobody expected in a status is a mishap, and told as what cannot be made out', () => {
  const { reads, mishaps } = inSync();
  const trap = new Proxy(own, {
    get: (of, name) => {
      if (name === 'receivedGtid') throw new TypeError('what is this');
      return of[name as keyof ChannelStatus];
    },
  });
  expect(reads(trap)).toMatchObject({
    channels: null,
    evidence: 'the replication status could not be made out: TypeError: what is this',
  });
  expect(mishaps.recent()).toMatchObject([
    { what: 'reading the replication status', words: 'what is this', struck: { pair: 'pair' } },
  ]);
});

test('an error that nobody expected in a look is a mishap, and the lag is not known', () => {
  const { has, mishaps, monitor } = inSync();
  monitor.monitor.noticeForeign = () => {
    throw new TypeError('what is this');
  };
  expect(has(5)).toMatchObject({ lagMs: null });
  expect(has(5).evidence).toMatch(/^lag unknown: what is this/);
  monitor.monitor.noticeForeign = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever it is
    throw 'a text';
  };
  expect(has(5).evidence).toMatch(/^lag unknown: a text/);
  expect(mishaps.recent()).toMatchObject([{ what: 'measuring lag', struck: { pair: 'pair' }, times: 3 }]);
});

test('a target that does not answer has an unknown lag, and the pair is unknown with its reason', () => {
  const { fails, target, monitor } = inSync();
  target.connected = false;
  target.evidence = 'refused';
  expect(fails('db2: refused')).toMatchObject({ lagMs: null });
  expect(monitor.state).toMatchObject({ state: 'unknown', evidence: 'db2: refused' });
});

test('a source that is not there is the reason, with its own words', () => {
  const { has, source, sourceSampler, monitor, time } = inSync();
  time.now += 5000;
  expect(has(5).evidence).toMatch(/^lag unknown: db1 has not answered for 5/);
  sourceSampler.fault = new Error('db1: refused');
  expect(has(5).evidence).toMatch(/^lag unknown: db1: refused/);
  source.connected = false;
  source.evidence = 'refused';
  has(5);
  expect(monitor.state).toMatchObject({ state: 'unknown', evidence: 'lag unknown: db1: refused' });
});

test('by file, a source whose place may not be read is told so, and may be silent about it for its pause', () => {
  const { wrote, has, reads, sourceSampler, time } = watched();
  const byFile = { ...own, usesGtid: false };
  const place = { kind: 'file', text: 'b.1:5', file: 'b.1', offset: 5 } as const;
  const places = { places: new Map([['', place]]) };
  wrote(5);
  has(5, places);
  reads(byFile);
  expect(sourceSampler.binlogFor.size).toBe(1);
  expect(has(5, places).evidence).toBe('lag unknown: the place in the binlog of db1 could not be read');
  sourceSampler.latest = null;
  expect(has(5, places).evidence).toBe('lag unknown: db1 was not asked yet');
  wrote(5, { binlog: { position: place, sentAt: time.now, receivedAt: time.now + 1 } });
  expect(has(5, places)).toMatchObject({ lagMs: 0, method: 'file' });
  time.now += 2000;
  expect(has(5, places).lagMs).toBeNull();
  sourceSampler.binlogPauseMs = 2000;
  expect(has(5, places).lagMs).toBe(0);
});

test('another server in the source’s place is measured anew, and told apart from the one before', () => {
  const { has, source, watermarks, monitor, wrote, reads } = inSync();
  source.facts = mariadb('9');
  expect(has(5)).toMatchObject({
    lagMs: null,
    evidence: 'lag unknown: the replication status was not read yet',
  });
  expect(watermarks.ring('mariadb-gtid').newest).toBeNull();
  expect(monitor.route).toBeNull();
  // Known already: nothing is forgotten again.
  wrote(5);
  reads({ ...own, sourceIdentity: '9' });
  expect(has(5)).toMatchObject({ lagMs: 0 });
});

test('another server in the target’s place keeps what is known of the source, and was never seen running', () => {
  const { has, target, watermarks, reads, monitor } = inSync();
  reads({ ...own, applier: 'stopped' });
  target.facts = mariadb('9');
  has(5);
  expect(watermarks.ring('mariadb-gtid').newest).not.toBeNull();
  reads({ ...own, applier: 'stopped' });
  expect(monitor.stopped).toBe('the applier is stopped');
});

test('a server that is away for a while and comes back as itself is the same', () => {
  const { has, source, watermarks, mishaps } = inSync();
  const before = source.facts;
  source.facts = null;
  has(5);
  source.facts = { ...before! };
  has(5);
  expect(mishaps.recent()).toEqual([]);
  expect(watermarks.ring('mariadb-gtid').newest).not.toBeNull();
});

test('a source that went back is not believed', () => {
  const { has, monitor } = inSync();
  monitor.sourceWentBack();
  expect(has(5).evidence).toMatch(/^lag unknown: db1 does not have any more what it had before/);
});

test('once stopped, nothing is told and nothing asked of the samplers', () => {
  const { has, monitor, lags, reads, sourceSampler, targetSampler } = inSync();
  reads({ ...own, usesGtid: false });
  expect([sourceSampler.binlogFor.size, targetSampler.placesFor.size]).toEqual([1, 1]);
  const suspicions = vi.spyOn(sourceSampler.suspects, 'delete');
  monitor.stop();
  const told = lags.length;
  has(5);
  expect(lags.length).toBe(told);
  expect([sourceSampler.binlogFor.size, targetSampler.placesFor.size]).toEqual([0, 0]);
  expect(suspicions).toHaveBeenCalled();
});

test('two names that lead to one server are no pair', () => {
  const { target, has, reads, monitor } = watched();
  target.facts = mariadb('1');
  has(5);
  reads();
  expect(monitor.state).toMatchObject({
    state: 'unknown',
    evidence: expect.stringMatching(/^both names lead to one server/) as string,
  });
});

test('of two members of a cluster their words are the state, the target’s first, and the queue tells where it waits', () => {
  const galera = (serverId: string) => mariadb(serverId, { cluster: 'galera', clusterName: 'shop' });
  const position = { kind: 'galera', text: 'g:5', group: 'g', seqno: 5n } as const;
  const range = { lagMs: 700, atMostMs: 800, missing: { position: { ...position, text: 'g:6', seqno: 6n } } };
  const behind = { range, applied: position, holder: 'db1', behind: 1 };
  const { source, target, members, has, reads, wrote, monitor } = watched(
    {},
    {
      groups: {
        behind: (name: string) => (name === 'db2' ? behind : null),
        silence: () => null,
        otherHistories: () => [],
      },
    },
  );
  [source.facts, target.facts] = [galera('1'), galera('2')];
  const membership = {
    kind: 'galera',
    group: 'g',
    standing: 'in',
    outside: null,
    position,
    received: null,
    queue: 3,
    view: { lineage: '', number: 1n, size: 2, members: [] },
  } as unknown as NonNullable<PositionSample['membership']>;
  const states: Record<string, string> = { db1: 'in-group', db2: 'in-group' };
  const apart = { why: null as string | null };
  Object.assign(members, {
    judge: (name: string) => ({ state: states[name], evidence: `it is ${states[name]}` }),
    membership: () => membership,
    apart: () => apart.why,
    note: (name: string) => (name === 'db2' ? 'a note of db2' : null),
  });
  wrote(5, { membership });
  has(5, { membership });
  expect(reads()).toMatchObject({
    channel: null,
    evidence: expect.stringContaining('one cluster') as string,
  });
  expect(has(5, { membership })).toMatchObject({ lagMs: 700 });
  const queued = (but: object) => {
    has(5, { membership: { ...membership, ...but } });
    return reads().attribution;
  };
  expect(queued({ received: position })).toBe('link');
  expect(queued({ queue: 0 })).toBe('link');
  expect(queued({})).toBe('applier');
  expect(monitor.state).toMatchObject({ state: 'lagging' });
  expect(monitor.state.evidence).toMatch(/they have arrived and wait for its applier; a note of db2$/);
  states['db1'] = 'joining';
  has(5, { membership });
  expect(monitor.state).toMatchObject({ state: 'joining', evidence: 'db1: it is joining' });
  states['db2'] = 'joining';
  reads();
  expect(monitor.state).toMatchObject({ evidence: 'db2: it is joining' });
  apart.why = 'they are two halves';
  reads();
  expect(monitor.state).toMatchObject({ state: 'not-in-group', evidence: 'they are two halves' });
  apart.why = null;
  has(5, { membership: null });
  expect(reads().evidence).toContain('one cluster');
});
