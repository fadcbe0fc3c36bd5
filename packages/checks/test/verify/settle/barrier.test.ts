import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers/promises';
import { patienceMs } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ReplicationRoute } from '../../../src/position/replication-route.ts';
import { ReplicationBarrier } from '../../../src/verify/settle/replication-barrier.ts';
import { facts } from '../../support/replication.ts';
import {
  answering,
  type Answers,
  binlogEnd,
  executed,
  gtids,
  place,
  route,
  shownUpTo,
} from '../../support/servers-that-answer.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';
const mysql = (uuid: string) => facts('mysql', { uuid });
const mariadb = (serverId: string) => facts('mariadb', { serverId });
const { signal } = new AbortController();
const at = (text: string) => ({ kind: 'mysql-gtid', text }) as const;

function between(
  source: Answers,
  target: Answers,
  by: ReplicationRoute | null = route(),
  { flavour = 'mysql', waitMs = 30 }: { flavour?: 'mysql' | 'mariadb'; waitMs?: number } = {},
) {
  const is = flavour === 'mysql' ? [mysql(a), mysql(b)] : [mariadb('1'), mariadb('2')];
  const [s, t] = [answering('a', is[0]!, source), answering('b', is[1]!, target)];
  let now = by;
  const barrier = new ReplicationBarrier({
    source: s.server,
    target: t.server,
    route: () => now,
    waitMs,
    settleMs: 7,
  });
  return { barrier, source: s, target: t, goes: (next: ReplicationRoute | null) => (now = next) };
}

test('a position is the source’s own and the target’s applied one, by the way that the pair is compared', async () => {
  const by = between({ gtid_executed: executed(`${a}:1-5`) }, { gtid_executed: executed(`${a}:1-4`) });
  expect(await by.barrier.sourcePosition(signal)).toEqual(at(`${a}:1-5`));
  expect(await by.barrier.targetPosition(signal)).toEqual(at(`${a}:1-4`));
  const applied = {
    'SHOW REPLICA STATUS': [{ Channel_Name: 'x', Relay_Source_Log_File: 'b.000001', Exec_Source_Log_Pos: 9 }],
  };
  const file = between(
    { 'SHOW BINARY LOG STATUS': binlogEnd(12) },
    applied,
    route({ kind: 'file', channel: 'x' }),
  );
  expect(await file.barrier.sourcePosition(signal)).toEqual(place(12));
  expect(await file.barrier.targetPosition(signal)).toEqual(place(9));
});

test('where positions cannot be compared nobody is asked for them', async () => {
  const { barrier, source, target } = between({}, {}, route({ kind: null }));
  expect(await barrier.sourcePosition(signal)).toBeNull();
  expect(await barrier.targetPosition(signal)).toBeNull();
  expect([...source.asked, ...target.asked]).toEqual([]);
});

test('what is not proved, what is one storage and what is left out are the route’s words, and nothing without one', () => {
  const by = route({
    unproved: 'behind a relay',
    sameStorage: 'one cluster',
    leavesOut: ({ table }) => (table === 't' ? 'a filter' : null),
  });
  const { barrier, goes } = between({}, {}, by);
  const said = () => [
    barrier.unproved,
    barrier.sameStorage,
    barrier.leavesOut({ schema: 's', table: 't' }),
    barrier.leavesOut({ schema: 's', table: 'u' }),
  ];
  expect(said()).toEqual(['behind a relay', 'one cluster', 'a filter', null]);
  goes(route());
  expect(said()).toEqual([null, null, null, null]);
  goes(null);
  expect(said()).toEqual([null, null, null, null]);
});

test('while the replication status is not known nothing can be waited for', async () => {
  const { barrier } = between({}, {}, null);
  const why = 'the replication status of b is not known';
  await expect(barrier.sourcePosition(signal)).rejects.toThrow(why);
  await expect(barrier.targetPosition(signal)).rejects.toThrow(why);
  await expect(barrier.untilTargetHas(at(`${a}:1`), signal)).rejects.toThrow(why);
});

test('several who want the source’s position at once ask once', async () => {
  const { barrier, source } = between({ gtid_executed: executed(`${a}:1-5`) }, {});
  const all = await Promise.all([1, 2, 3].map(() => barrier.sourcePosition(signal)));
  expect(new Set(all.map((position) => position?.text))).toEqual(new Set([`${a}:1-5`]));
  expect(source.asked.length).toBeLessThan(3);
});

test('a target is asked until it has what it is waited for, and only for what it will ever get', async () => {
  const climbing = (count: number) => executed(`${a}:1-${count + 1}`);
  const { barrier, target } = between({}, { gtid_executed: climbing }, route(), { waitMs: patienceMs });
  await barrier.untilTargetHas(at(`${a}:1-3`), signal);
  expect(target.asked).toHaveLength(3);
  const part = route({ replicated: () => at(`${a}:1-2`) });
  const filtered = between({}, { gtid_executed: executed(`${a}:1-2`) }, part);
  await filtered.barrier.untilTargetHas(at(`${a}:1-2,${b}:1-9`), signal);
});

test('a target that does not come says within what time it did not, and why, as far as that is known', async () => {
  const stuck = { gtid_executed: executed(`${a}:1-2`) };
  const { barrier, goes } = between({}, stuck, route(), { waitMs: 510 });
  const wait = () => barrier.untilTargetHas(at(`${a}:1-5`), signal);
  await expect(wait()).rejects.toThrow(/^b did not apply the source's position 3e11fa47-.*:1-5 within 1 s$/);
  goes(route({ stopped: 'the applier is stopped' }));
  await expect(wait()).rejects.toThrow(/within 1 s: the applier is stopped$/);
  const { barrier: domains } = between(
    {},
    { gtid_slave_pos: gtids('', '0-1-9,1-1-2') },
    route({ kind: 'mariadb-gtid' }),
    { flavour: 'mariadb' },
  );
  const wanted = { kind: 'mariadb-gtid', text: '0-1-9,1-1-4' } as const;
  await expect(domains.untilTargetHas(wanted, signal)).rejects.toThrow('in domain 1 it is at 1-1-2');
});

test('a target without a channel any more does not come, and nothing more is said', async () => {
  const gone = { 'SHOW REPLICA STATUS': [] };
  const { barrier } = between({}, gone, route({ kind: 'file' }));
  await expect(barrier.untilTargetHas(place(12), signal)).rejects.toThrow(
    "b did not apply the source's position b.000001:12 within 0 s",
  );
});

test('an intended delay is waited for on top', async () => {
  const late = (count: number) => executed(count < 4 ? `${a}:1` : `${a}:1-5`);
  const delayed = between({}, { gtid_executed: late }, route({ intendedDelayMs: 60_000 }), { waitMs: 0 });
  await delayed.barrier.untilTargetHas(at(`${a}:1-5`), signal);
  expect(delayed.target.asked.length).toBeGreaterThan(3);
});

/** Time that passes by the pauses alone, so that no test waits for it. */
function quickly() {
  let ms = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (ms += 400));
  onTestFinished(() => clock.mockRestore());
  return { passed: () => ms };
}

test('a target that was waited for in vain is waited for a second only, until it moves', async () => {
  const time = quickly();
  let reached = 2;
  const { barrier } = between({}, { gtid_executed: () => executed(`${a}:1-${reached}`) }, route(), {
    waitMs: 8_000,
  });
  const tookMs = async () => {
    const began = time.passed();
    await expect(barrier.untilTargetHas(at(`${a}:1-5`), signal)).rejects.toThrow('did not apply');
    return time.passed() - began;
  };
  expect(await tookMs()).toBeGreaterThanOrEqual(8_000);
  expect(await tookMs()).toBeLessThan(4_000);
  expect(await tookMs()).toBeLessThan(4_000);
  reached = 3;
  await tookMs();
  reached = 5;
  await barrier.untilTargetHas(at(`${a}:1-5`), signal);
  reached = 4;
  expect(await tookMs()).toBeGreaterThanOrEqual(8_000);
});

test('without a position it is waited for as long as a change needs at most', async () => {
  const sleeps: (number | undefined)[] = [];
  const real = timers.setTimeout;
  timers.setTimeout = ((ms?: number) => {
    sleeps.push(ms);
    return Promise.resolve();
  }) as typeof real;
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  });
  const waits = async (by: ReplicationRoute | null) => {
    sleeps.length = 0;
    await between({}, {}, by, { waitMs: 1000 }).barrier.untilTargetHas(null, signal);
    return sleeps[0];
  };
  expect(await waits(null)).toBe(7);
  expect(await waits(route({ kind: null, intendedDelayMs: 100, serverLagMs: 50 }))).toBe(7);
  const relay = { kind: null, unproved: 'behind a relay' };
  expect(await waits(route({ ...relay, intendedDelayMs: 100, serverLagMs: 50 }))).toBe(157);
  expect(await waits(route({ ...relay, serverLagMs: 5_000 }))).toBe(1007);
  expect(await waits(route(relay))).toBe(7);
});

test('where it cannot be told by the two what the target has, the source is asked once more', async () => {
  const source = { gtid_binlog_pos: gtids('0-1-9', '', '0-1-9,0-7-12') };
  const target = { gtid_slave_pos: gtids('', '0-7-12', '') };
  const { barrier, source: asked } = between(source, target, route({ kind: 'mariadb-gtid' }), {
    flavour: 'mariadb',
    waitMs: 20,
  });
  const wanted = { kind: 'mariadb-gtid', text: '0-1-9', state: '0-1-9' } as const;
  await barrier.untilTargetHas(wanted, signal);
  expect(asked.asked).toHaveLength(1);
  const foreign = between({ gtid_binlog_pos: gtids('0-1-9') }, target, route({ kind: 'mariadb-gtid' }), {
    flavour: 'mariadb',
    waitMs: 20,
  });
  await expect(foreign.barrier.untilTargetHas(wanted, signal)).rejects.toThrow('did not apply');
});

test('a source that shows what the target has was seen to hide nothing', async () => {
  const { barrier } = between({ gtid_executed: executed(`${a}:1-5`) }, {});
  expect(await barrier.untilSourceHas(at(`${a}:1-5`), signal)).toBe(0);
});

test('what a MySQL source has sent and not committed is waited for, and how long that took is told', async () => {
  const later = (count: number) => executed(`${a}:1-${count < 3 ? 4 : 5}`);
  const { barrier, source } = between({ gtid_executed: later }, {}, route(), { waitMs: patienceMs });
  expect(await barrier.untilSourceHas(at(`${a}:1-5`), signal)).toBeGreaterThan(0);
  expect(source.asked).toHaveLength(4);
});

test('a source that goes on hiding it is told of, and waited for a second only the next time', async () => {
  const time = quickly();
  let shows = 4;
  const { barrier } = between({ gtid_executed: () => executed(`${a}:1-${shows}`) }, {}, route(), {
    waitMs: 8_000,
  });
  const tookMs = async (until: number) => {
    const began = time.passed();
    await expect(barrier.untilSourceHas(at(`${a}:1-${until}`), signal)).rejects.toThrow(
      new RegExp(`^a does not show ${a}:.* yet, which b has$`),
    );
    return time.passed() - began;
  };
  expect(await tookMs(5)).toBeGreaterThanOrEqual(8_000);
  expect(await tookMs(5)).toBeLessThan(4_000);
  expect(await tookMs(6)).toBeGreaterThanOrEqual(8_000);
  shows = 6;
  await barrier.untilSourceHas(at(`${a}:1-6`), signal);
  shows = 4;
  expect(await tookMs(6)).toBeGreaterThanOrEqual(8_000);
});

test('who is told to end waits for no source', async () => {
  const ended = new AbortController();
  const hiding = () => {
    ended.abort(new Error('enough'));
    return executed(`${a}:1-4`);
  };
  const { barrier } = between({ gtid_executed: hiding }, {}, route(), { waitMs: patienceMs });
  await expect(barrier.untilSourceHas(at(`${a}:1-5`), ended.signal)).rejects.toThrow('enough');
});

test('what the target wrote itself, and what a source that is no replica never gets, is nothing that it hides', async () => {
  const own = between({ gtid_executed: executed(`${a}:1-5`) }, {});
  expect(await own.barrier.untilSourceHas(at(`${a}:1-5,${b}:1-3`), signal)).toBe(0);
  const c = '5e11fa47-71ca-11e1-9e33-c80aa9429562';
  const before = { gtid_executed: executed(`${a}:1-5,${c}:1-2`) };
  const has = at(`${a}:1-5,${c}:1-3`);
  const alone = between({ ...before, 'SHOW REPLICA STATUS': [] }, {});
  expect(await alone.barrier.untilSourceHas(has, signal)).toBe(0);
  const relay = between({ ...before, 'SHOW REPLICA STATUS': [{}] }, {});
  await expect(relay.barrier.untilSourceHas(has, signal)).rejects.toThrow(
    `a does not show ${c}:3 yet, which b has`,
  );
});

test('commits that wait for another replica hide what the target may have, where no GTID tells', async () => {
  const waiting = (sessions: number) => ({
    'semi\\_sync': [{ Value: sessions }, { Value: '0' }],
    'SHOW BINARY LOG STATUS': binlogEnd(100),
  });
  const by = route({ kind: 'file' });
  expect(await between(waiting(0), {}, by).barrier.untilSourceHas(place(90), signal)).toBe(0);
  await expect(between(waiting(1), {}, by).barrier.untilSourceHas(place(90), signal)).rejects.toThrow(
    'a does not show a commit that another replica has to acknowledge yet, and b may have it',
  );
  await expect(between(waiting(2), {}, by).barrier.untilSourceHas(null, signal)).rejects.toThrow(
    'a does not show 2 commits that another replica has to acknowledge yet, and b may have them',
  );
  await expect(between(waiting(0), {}, by).barrier.untilSourceHas(place(101), signal)).rejects.toThrow(
    'a does not have b.000001:101, which b has: its history was reset or restored',
  );
});

const mariadbSource = (shown: number, state: Answers['']) => ({
  binlog_snapshot: shownUpTo(shown),
  gtid_binlog_pos: state,
  'SHOW MASTER STATUS': binlogEnd(100),
  'SHOW ALL SLAVES STATUS': [],
});
const onMariadb = (source: Answers, waitMs = 30) =>
  between(source, {}, route({ kind: 'mariadb-gtid' }), { flavour: 'mariadb', waitMs }).barrier;
const applied = (text: string) => ({ kind: 'mariadb-gtid', text }) as const;

test('MariaDB shows what it wrote up to a place, and what lies behind it the target may have already', async () => {
  const shows = onMariadb(mariadbSource(100, gtids('0-1-9')));
  expect(await shows.untilSourceHas(applied('0-1-9'), signal)).toBe(0);
  const hides = onMariadb(mariadbSource(99, gtids('0-1-9')));
  await expect(hides.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not show 0-1-9 yet, which b has',
  );
  await expect(hides.untilSourceHas(applied('0-1-8'), signal)).rejects.toThrow(
    'a does not show its binlog up to b.000001:100 yet, and b may have it',
  );
  await expect(hides.untilSourceHas(null, signal)).rejects.toThrow(
    'up to b.000001:100 yet, and b may have it',
  );
});

test('on MariaDB, too, it is waited until the source shows it', async () => {
  const later = (count: number) => shownUpTo(count < 2 ? 99 : 100);
  const barrier = onMariadb({ ...mariadbSource(0, gtids('0-1-9')), binlog_snapshot: later }, patienceMs);
  expect(await barrier.untilSourceHas(applied('0-1-9'), signal)).toBeGreaterThan(0);
});

test('what a source has lost of its own never comes to be shown, and it is said that its history is another', async () => {
  const reset = onMariadb(mariadbSource(100, gtids('0-1-3')));
  await expect(reset.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not have 0-1-9, which b has: its history was reset or restored',
  );
});

test('what others wrote, and a source that never was a replica has lost, never comes to be shown', async () => {
  const before = (slavePos: string) => ({
    ...mariadbSource(100, gtids('0-1-9', slavePos, '0-1-9,0-7-3')),
    'SHOW ALL SLAVES STATUS': [],
  });
  await expect(onMariadb(before('')).untilSourceHas(applied('0-7-12'), signal)).rejects.toThrow(
    'a does not have 0-7-12, which b has: its history was reset or restored',
  );
  // One that was may have had less of them than the target, which got them from elsewhere.
  expect(await onMariadb(before('0-7-3')).untilSourceHas(applied('0-7-12'), signal)).toBe(0);
});

test('what a MariaDB source wrote for itself is what it sends, not what it has of others besides', async () => {
  const relay = onMariadb(mariadbSource(99, gtids('0-1-9', '5-3-7', '0-1-9')));
  await expect(relay.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not show 0-1-9 yet, which b has',
  );
});

test('a MariaDB source without a binlog hides what waits for another replica alone', async () => {
  const without = (sessions: number) => ({
    'SHOW MASTER STATUS': [],
    'semi\\_sync': [{ Value: sessions }],
    gtid_binlog_pos: gtids('', '', ''),
    'SHOW ALL SLAVES STATUS': [],
  });
  expect(await onMariadb(without(0)).untilSourceHas(null, signal)).toBe(0);
  await expect(onMariadb(without(1)).untilSourceHas(null, signal)).rejects.toThrow('and b may have it');
});

test('by file MariaDB hides what lies behind the place that it shows', async () => {
  const by = (shown: number) =>
    between(
      { binlog_snapshot: shownUpTo(shown), 'SHOW MASTER STATUS': binlogEnd(100) },
      {},
      route({ kind: 'file' }),
      { flavour: 'mariadb' },
    ).barrier;
  expect(await by(90).untilSourceHas(place(90), signal)).toBe(0);
  await expect(by(80).untilSourceHas(place(90), signal)).rejects.toThrow(
    'a does not show b.000001:90 yet, which b has',
  );
  await expect(by(200).untilSourceHas(place(101), signal)).rejects.toThrow(
    'its history was reset or restored',
  );
});

test('a member of a group may itself be behind the other, and is waited for', async () => {
  const group = (server: string, seqno: number | null) => ({
    wsrep: [
      { Variable_name: 'wsrep_cluster_status', Value: 'Primary' },
      { Variable_name: 'wsrep_local_state', Value: '4' },
      { Variable_name: 'wsrep_local_state_comment', Value: 'Synced' },
      { Variable_name: 'wsrep_ready', Value: seqno === null ? 'OFF' : 'ON' },
      { Variable_name: 'wsrep_connected', Value: 'ON' },
      { Variable_name: 'wsrep_cluster_state_uuid', Value: 'g' },
      { Variable_name: 'wsrep_local_state_uuid', Value: 'g' },
      { Variable_name: 'wsrep_last_committed', Value: String(seqno ?? 0) },
      { Variable_name: 'wsrep_cluster_size', Value: '2' },
    ],
  });
  const is = (serverId: string) => facts('mariadb', { serverId, cluster: 'galera' });
  const [s, t] = [answering('a', is('1'), group('a', 8)), answering('b', is('2'), group('b', 9))];
  const way = route({ kind: 'galera', group: true });
  const barrier = new ReplicationBarrier({
    source: s.server,
    target: t.server,
    route: () => way,
    waitMs: 20,
    settleMs: 7,
  });
  const [here, there] = [await barrier.sourcePosition(signal), await barrier.targetPosition(signal)];
  expect([here, there]).toMatchObject([{ seqno: 8n }, { seqno: 9n }]);
  expect(await barrier.untilSourceHas(here, signal)).toBe(0);
  expect(await barrier.untilSourceHas(null, signal)).toBe(0);
  await expect(barrier.untilSourceHas(there, signal)).rejects.toThrow('a itself is behind b, which has');
  await barrier.untilTargetHas(here, signal);
  const none = new ReplicationBarrier({
    source: answering('a', mariadb('1'), {}).server,
    target: t.server,
    route: () => way,
    waitMs: 20,
    settleMs: 7,
  });
  await expect(none.sourcePosition(signal)).rejects.toThrow('a: it is no member of a cluster any more');
});

test('a member of a group that has left it proves nothing, though it still says how far it is', async () => {
  const left = [
    { channel: 'group_replication_applier', group_name: 'g', state: 'OFF', executed: `${a}:1-4` },
  ];
  const is = facts('mysql', { uuid: b, cluster: 'group-replication' });
  const barrierOf = (way: ReplicationRoute) =>
    new ReplicationBarrier({
      source: answering('a', mysql(a), {}).server,
      target: answering('b', is, { replication_connection_status: left }).server,
      route: () => way,
      waitMs: 20,
      settleMs: 7,
    });
  const inGroup = barrierOf(route({ group: true }));
  await expect(inGroup.targetPosition(signal)).rejects.toThrow('b: it has left its group');
  // Nothing is asked of members whose positions cannot be compared.
  expect(await barrierOf(route({ kind: null, group: true })).targetPosition(signal)).toBeNull();
});

test('a target that gets changes through its cluster is as far as it has written, without a channel', async () => {
  const target = { gtid_binlog_pos: gtids('0-1-5', '0-1-4') };
  const through = (kind: ReplicationRoute['kind']) =>
    between({}, target, route({ kind, throughCluster: true }), { flavour: 'mariadb' });
  const { barrier } = through('mariadb-gtid');
  expect(await barrier.targetPosition(signal)).toMatchObject({ text: '0-1-5' });
  const { barrier: none, target: asked } = through(null);
  expect(await none.targetPosition(signal)).toBeNull();
  expect(asked.asked).toEqual([]);
});

test('no question to a server outlives who asked it', async () => {
  const member = (seqno: number) => ({
    wsrep: Object.entries({
      cluster_status: 'Primary',
      local_state: '4',
      ready: 'ON',
      cluster_state_uuid: 'g',
      last_committed: String(seqno),
    }).map(([name, value]) => ({ Variable_name: `wsrep_${name}`, Value: value })),
  });
  const galera = (serverId: string) => facts('mariadb', { serverId, cluster: 'galera' });
  const [s, t] = [answering('a', galera('1'), member(9)), answering('b', galera('2'), member(9))];
  const inGroup = new ReplicationBarrier({
    source: s.server,
    target: t.server,
    route: () => route({ kind: 'galera', group: true }),
    waitMs: 20,
    settleMs: 7,
  });
  const through = between(
    { gtid_binlog_pos: gtids('0-1-5') },
    { gtid_binlog_pos: gtids('0-1-5') },
    route({ kind: 'mariadb-gtid', throughCluster: true }),
    { flavour: 'mariadb' },
  );
  const alone = between({ gtid_executed: executed(`${a}:1`) }, { gtid_executed: executed(`${a}:1`) });
  for (const barrier of [inGroup, through.barrier, alone.barrier]) {
    await barrier.untilTargetHas(await barrier.sourcePosition(signal), signal);
  }
  await inGroup.untilSourceHas(await inGroup.targetPosition(signal), signal);
  const all = [s, t, through.source, through.target, alone.source, alone.target];
  const signals = all.flatMap(({ signals }) => signals);
  expect(signals).toHaveLength(8);
  for (const each of signals) expect(each).toBeInstanceOf(AbortSignal);
});

/** Time that passes by being looked at, a millisecond each time. */
function byLooks() {
  let ms = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => ms++);
  onTestFinished(() => clock.mockRestore());
  return { passed: () => ms };
}

test('many who wait for the target look together, and one who waits alone looks each time', async () => {
  const time = byLooks();
  const upTo = { many: 3, alone: 6 };
  let last = upTo.many;
  const climbing = (count: number) => executed(`${a}:1-${Math.min(last, count + 1)}`);
  const { barrier, target } = between({}, { gtid_executed: climbing }, route(), { waitMs: 100_000 });
  await Promise.all(
    Array.from({ length: 20 }, () => barrier.untilTargetHas(at(`${a}:1-${upTo.many}`), signal)),
  );
  expect(target.asked.length).toBeLessThan(8);
  const [asked, began] = [target.asked.length, time.passed()];
  last = asked + 3;
  await barrier.untilTargetHas(at(`${a}:1-${last}`), signal);
  expect(target.asked).toHaveLength(asked + 3);
  expect(time.passed() - began).toBeLessThan(10);
});

test('who comes while another waits in vain waits as shortly, and as long as ever if the target moves', async () => {
  const time = quickly();
  let reached = 2;
  let onLook: () => void = () => undefined;
  const look = () => {
    onLook();
    return executed(`${a}:1-${reached}`);
  };
  const { barrier } = between({}, { gtid_executed: look }, route(), { waitMs: 8_000 });
  const wait = () => barrier.untilTargetHas(at(`${a}:1-5`), signal);
  /** One waits in vain; how long another does who comes when it has looked. */
  const together = async () => {
    const second = new Promise<number>((resolve, reject) => {
      onLook = () => {
        onLook = () => undefined;
        setImmediate(() => {
          const began = time.passed();
          wait().then(
            () => reject(new Error('it came')),
            () => resolve(time.passed() - began),
          );
        });
      };
    });
    await expect(wait()).rejects.toThrow('did not apply');
    return await second;
  };
  await expect(wait()).rejects.toThrow('did not apply');
  expect(await together()).toBeLessThan(4_000);
  reached = 3;
  expect(await together()).toBeGreaterThanOrEqual(8_000);
});

test('a target that was to be late on purpose is said not to have come within that time as well', async () => {
  const stuck = { gtid_executed: executed(`${a}:1-2`) };
  const { barrier } = between({}, stuck, route({ intendedDelayMs: 500 }), { waitMs: 600 });
  await expect(barrier.untilTargetHas(at(`${a}:1-5`), signal)).rejects.toThrow(/within 1 s$/);
});

test('a source that hides something is asked the less often the longer that takes', async () => {
  quickly();
  const sleeps: number[] = [];
  const real = timers.setTimeout;
  timers.setTimeout = ((ms: number) => {
    sleeps.push(ms);
    return Promise.resolve();
  }) as typeof real;
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  });
  const { barrier } = between({ gtid_executed: executed(`${a}:1-4`) }, {}, route(), { waitMs: 8_000 });
  await expect(barrier.untilSourceHas(at(`${a}:1-5`), signal)).rejects.toThrow('does not show');
  expect(sleeps.slice(0, 3)).toEqual([5, 7.5, 11.25]);
  expect(sleeps.at(-1)).toBe(200);
});

test('a source that has written nothing yet has lost nothing of what others wrote', async () => {
  const c = '5e11fa47-71ca-11e1-9e33-c80aa9429562';
  const empty = between({ gtid_executed: executed(''), 'SHOW REPLICA STATUS': [] }, {});
  expect(await empty.barrier.untilSourceHas(at(`${c}:1-3`), signal)).toBe(0);
});

test('a MariaDB source that does not say how far it is hides what lies behind the place that it shows', async () => {
  const silent = onMariadb({ ...mariadbSource(99, []), gtid_binlog_pos: [] });
  await expect(silent.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not show its binlog up to b.000001:100 yet, and b may have it',
  );
  const falls = (count: number) => (count < 2 ? gtids('0-1-9', '', '0-1-9,0-7-3') : []);
  expect(await onMariadb(mariadbSource(100, falls)).untilSourceHas(applied('0-7-12'), signal)).toBe(0);
});

test('a MariaDB source that has written nothing since it was reset has lost what the target has', async () => {
  const reset = onMariadb(mariadbSource(100, gtids('', '', '')));
  await expect(reset.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not have 0-1-9, which b has: its history was reset or restored',
  );
});

test('where a source does not tell any more whose history it is of, what cannot be told did not come', async () => {
  const target = { gtid_slave_pos: gtids('', '0-7-12', '') };
  const { barrier } = between({ gtid_binlog_pos: [] }, target, route({ kind: 'mariadb-gtid' }), {
    flavour: 'mariadb',
    waitMs: 20,
  });
  const wanted = { kind: 'mariadb-gtid', text: '0-1-9', state: '0-1-9' } as const;
  await expect(barrier.untilTargetHas(wanted, signal)).rejects.toThrow('did not apply');
});
