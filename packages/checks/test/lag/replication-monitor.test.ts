import { expect, test, vi } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { channel, facts } from '../support/replication.ts';
import { inSync, mariadb, own, watched } from './watched-pair.ts';

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
    inTwoHalves: () => false,
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
