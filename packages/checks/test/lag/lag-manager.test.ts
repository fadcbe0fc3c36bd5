import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { LagConfig, PairConfig } from '../../src/config.ts';
import { LagManager, type LagManagerOptions } from '../../src/lag/lag-manager.ts';
import type { WatchedState } from '../../src/lag/replication-monitor.ts';
import type { GroupState, KnownMember } from '../../src/model/group.ts';
import type { LagSample } from '../../src/model/lag.ts';
import type { ReplicationStatus } from '../../src/model/replication.ts';
import type { KnownServer } from '../../src/model/server.ts';
import { pairConfig } from '../support/config.ts';
import { facts } from '../support/replication.ts';
import { ToldServer } from '../support/told-server.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const config: LagConfig = { sampleIntervalMs: 400, statusIntervalMs: 1000, timeoutMs: 2000 };
const channelsOf = 'SHOW ALL SLAVES STATUS';

/** A MariaDB server that has come to a number of db1's. */
function server(name: string, has = 5): ToldServer {
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

const row = {
  Connection_name: '',
  Master_Host: 'db1.local',
  Master_Port: 3306,
  Master_Server_Id: 1,
  Slave_IO_Running: 'Yes',
  Slave_SQL_Running: 'Yes',
  Using_Gtid: 'Slave_Pos',
  Gtid_IO_Pos: '',
};

function comesTo(told: ToldServer, number: number): void {
  const gtid = `0-1-${number}`;
  const applied = told.name === 'db1' ? '' : gtid;
  told.says.set('gtid_binlog_pos', [{ written: gtid, applied, state: gtid }]);
}

const pairOf = (target: string, but: Partial<PairConfig> = {}) =>
  pairConfig([], { name: `to-${target}`, source: 'db1', target, ...but });

/** db1 and its replicas db2 and db3. */
function watching(
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
const counts = (asked: (name: string, what: string) => number, what: string) =>
  ['db1', 'db2', 'db3'].map((name) => asked(name, what));

test('each server is looked at once for all its pairs, and each target read once, spread over the interval', async () => {
  const { lag, asked, pass, samples, statuses } = watching();
  lag.start();
  await pass(0);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 0, 0]);
  await pass(130);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 0, 0]);
  await pass(5);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 1, 0]);
  await pass(265);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([2, 1, 1]);
  expect(asked('db1', channelsOf)).toBe(0);
  await pass(4000);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([12, 11, 11]);
  expect(new Set(samples.map(({ pair }) => pair))).toEqual(new Set(['to-db2', 'to-db3']));
  expect(new Set(statuses.map(({ pair }) => pair))).toEqual(new Set(['to-db2', 'to-db3']));
});

test('what is known of a pair is told by its name, and a name that is not configured is a mistake', async () => {
  const { lag, pass, samples, states } = watching();
  expect([lag.sample('to-db2'), lag.replication('to-db2'), lag.route('to-db2')]).toEqual([null, null, null]);
  expect(lag.state('to-db2')).toMatchObject({ state: 'unknown', evidence: 'not measured yet' });
  lag.start();
  await pass(3000);
  expect(lag.sample('to-db2')).toBe(samples.findLast(({ pair }) => pair === 'to-db2'));
  expect(lag.sample('to-db2')).toMatchObject({ lagMs: 0 });
  expect(lag.replication('to-db3')).toMatchObject({ pair: 'to-db3', direct: true });
  expect(lag.state('to-db2')).toMatchObject({ state: 'in-sync' });
  expect(states).toContainEqual(['to-db2', expect.objectContaining({ state: 'in-sync' })]);
  expect(lag.route('to-db2')).toMatchObject({ kind: 'mariadb-gtid' });
  expect(lag.groups()).toEqual([]);
  expect(lag.joining('db2')).toBeNull();
  expect(lag.takeForWhole('none', 'somebody')).toBeNull();
  expect(() => lag.sample('other')).toThrow('no pair is named other');
});

test('once stopped, nothing is asked and nothing told', async () => {
  const { lag, pass, samples, statuses, asked } = watching();
  lag.start();
  await pass(2000);
  lag.stop();
  const before = [samples.length, statuses.length, asked('db1', ''), asked('db2', '')];
  await pass(5000);
  expect([samples.length, statuses.length, asked('db1', ''), asked('db2', '')]).toEqual(before);
});

test('for somebody who waits all servers are looked at now', async () => {
  const { lag, pass, asked } = watching();
  lag.start();
  lag.hasten();
  await pass(0);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 1, 1]);
});

test('a status is read at once when a server of its pairs answers for the first time, and again after it did not', async () => {
  const { lag, pass, asked, get } = watching();
  lag.start();
  await pass(134);
  // Its own is due at 0; that of db1 and then that of db2 answered for the first time.
  const first = asked('db2', channelsOf);
  await pass(200);
  expect(asked('db2', channelsOf)).toBe(first);
  get('db1').fails = () => {
    throw get('db1').fault('timeout');
  };
  await pass(400);
  get('db1').fails = null;
  const [before, status] = [asked('db1', ''), asked('db2', channelsOf)];
  let ms = 0;
  while (asked('db1', '') === before) {
    await pass(10);
    ms += 10;
  }
  expect(ms).toBeLessThanOrEqual(400);
  expect(asked('db2', channelsOf)).toBeGreaterThan(status);
});

test('a source that falls back is told to its pairs', async () => {
  const { lag, pass, get } = watching();
  lag.start();
  await pass(3000);
  comesTo(get('db1'), 3);
  await pass(400);
  expect(lag.sample('to-db2')?.evidence).toMatch(/db1 does not have any more what it had before/);
});

test('a pair that replicated before this program started has vanished, another was never configured', async () => {
  const { lag, pass, get } = watching(undefined, ['to-db2']);
  get('db2').says.delete(channelsOf);
  get('db3').says.delete(channelsOf);
  lag.start();
  await pass(1500);
  expect([lag.state('to-db2').state, lag.state('to-db3').state]).toEqual(['vanished', 'not-configured']);
});

const knows = async ({ lag, pass }: ReturnType<typeof watching>) => {
  lag.start();
  await pass(3000);
  return new Map(['to-db2', 'to-db3'].map((pair) => [pair, lag.sample(pair)]));
};

test('what is configured as before goes on with all that is known of it', async () => {
  const all = watching();
  const before = await knows(all);
  const asked = counts(all.asked, 'gtid_binlog_pos');
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], { ...config })).toEqual(
    new Set(['to-db2', 'to-db3']),
  );
  expect(all.lag.sample('to-db2')).toBe(before.get('to-db2'));
  const read = counts(all.asked, channelsOf);
  await all.pass(1);
  expect(counts(all.asked, channelsOf)).toEqual(read);
  await all.pass(399);
  expect(counts(all.asked, 'gtid_binlog_pos')).toEqual(asked.map((count) => count + 1));
});

test('what of a pair’s settings replication is not watched by changes nothing of it', async () => {
  const all = watching();
  const before = await knows(all);
  const throttle = { maxLagMs: 5, maxThreadsRunning: null, maxFlowControl: null };
  const on = all.lag.reconfigure([pairOf('db2', { throttle }), pairOf('db3')], config);
  expect(on).toEqual(new Set(['to-db2', 'to-db3']));
  expect(all.lag.sample('to-db2')).toBe(before.get('to-db2'));
});

test.each([
  ['channel', { channel: 'x' }],
  ['lag', { lag: { warningMs: 1, criticalMs: 2, forMs: 0 } }],
  ['errant', { errant: { ignore: ['7'] } }],
  ['source', { source: 'db3' }],
])('a pair of another %s is watched anew, and the others go on', async (_, but) => {
  const all = watching();
  await knows(all);
  const on = all.lag.reconfigure([pairOf('db2', but), pairOf('db3')], config);
  expect(on).toEqual(new Set(['to-db3']));
  expect(all.lag.sample('to-db2')).toBeNull();
  const [told, sampled] = [all.statuses.length, all.samples.length];
  await all.pass(2000);
  expect(all.lag.sample('to-db2')).not.toBeNull();
  expect(all.samples.slice(sampled).filter(({ pair }) => pair === 'to-db2').length).toBeLessThanOrEqual(6);
  const ofPair = all.statuses.slice(told).filter(({ pair }) => pair === 'to-db2');
  // By one reader, and by the monitor of today alone.
  expect(ofPair.length).toBeLessThanOrEqual(3);
  expect(ofPair.at(-1)).toBe(all.lag.replication('to-db2'));
});

test('a pair that is gone is told of no more, nor are its servers asked', async () => {
  const all = watching();
  await knows(all);
  expect(all.lag.reconfigure([pairOf('db2')], config)).toEqual(new Set(['to-db2']));
  expect(() => all.lag.sample('to-db3')).toThrow();
  const [told, asked] = [all.samples.length, all.asked('db3', '')];
  await all.pass(2000);
  expect(all.asked('db3', '')).toBe(asked);
  expect(all.samples.slice(told).every(({ pair }) => pair === 'to-db2')).toBe(true);
  expect(all.samples.length).toBeGreaterThan(told);
});

test('a pair that comes is watched at once, with what is known of its source', async () => {
  const all = watching([pairOf('db2')]);
  all.lag.start();
  await all.pass(3000);
  expect(all.asked('db3', '')).toBe(0);
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], config)).toEqual(new Set(['to-db2']));
  await all.pass(1400);
  expect(all.lag.state('to-db3').state).toBe('in-sync');
  expect(all.lag.state('to-db2').state).toBe('in-sync');
});

test('before it is started nothing that comes is asked either', async () => {
  const all = watching([pairOf('db2')]);
  all.lag.reconfigure([pairOf('db2'), pairOf('db3')], config);
  await all.pass(3000);
  expect(counts(all.asked, '')).toEqual([0, 0, 0]);
});

test('at other intervals all is watched anew', async () => {
  const all = watching();
  await knows(all);
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], { ...config, sampleIntervalMs: 100 })).toEqual(
    new Set(),
  );
  expect(all.lag.sample('to-db2')).toBeNull();
  const before = counts(all.asked, 'gtid_binlog_pos');
  await all.pass(1000);
  const after = counts(all.asked, 'gtid_binlog_pos');
  for (const [i, count] of after.entries()) expect(count - before[i]!).toBeGreaterThanOrEqual(9);
});

test('a server that is another object is another server: its pairs are watched anew, from the source on', async () => {
  const all = watching([
    pairOf('db2'),
    pairOf('db3'),
    pairConfig([], { name: 'other', source: 'db3', target: 'db2' }),
  ]);
  await knows(all);
  const old = all.get('db3');
  all.servers.set('db3', server('db3'));
  const on = all.lag.reconfigure(
    [pairOf('db2'), pairOf('db3'), pairConfig([], { name: 'other', source: 'db3', target: 'db2' })],
    config,
  );
  expect(on).toEqual(new Set(['to-db2']));
  const asked = old.asked.length;
  await all.pass(2000);
  expect(old.asked.length).toBe(asked);
  expect(all.asked('db3', 'gtid_binlog_pos')).toBeGreaterThan(3);
  expect(all.asked('db3', channelsOf)).toBeGreaterThan(0);
  expect(all.lag.state('to-db3').state).toBe('in-sync');
});

test('a source that is another object begins anew for all its pairs', async () => {
  const all = watching();
  await knows(all);
  all.servers.set('db1', server('db1'));
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], config)).toEqual(new Set());
  await all.pass(2000);
  expect([lagOf(all, 'to-db2'), lagOf(all, 'to-db3')]).toEqual([0, 0]);
});

const lagOf = ({ lag }: ReturnType<typeof watching>, pair: string) => lag.sample(pair)?.lagMs;

test('once a column is masked errors are told without values, and the status is read anew for it', async () => {
  const all = watching();
  const error = { ...row, Last_SQL_Errno: 1062, Last_SQL_Error: "Duplicate entry 'secret' for key 'k'" };
  all.get('db2').says.set(channelsOf, [error]);
  await knows(all);
  const told = () => all.lag.replication('to-db2')?.channel?.applierError?.message;
  expect(told()).toContain('secret');
  const masked = { match: '*', ignoreColumns: [], maskColumns: ['c'], method: null, where: null };
  const none = { ...masked, maskColumns: [] };
  const tables = (...overrides: (typeof masked)[]) => ({ include: [], exclude: [], overrides });
  const pairs = (...overrides: (typeof masked)[]) => [
    pairOf('db2', { tables: tables(...overrides) }),
    pairOf('db3'),
  ];
  expect(all.lag.reconfigure(pairs(none), config).size).toBe(2);
  await all.pass(1000);
  expect(told()).toContain('secret');
  expect(all.lag.reconfigure(pairs(none, masked), config).size).toBe(2);
  await all.pass(50);
  expect(told()).not.toContain('secret');
  const asked = all.asked('db2', channelsOf);
  await all.pass(3000);
  expect(all.asked('db2', channelsOf) - asked).toBeLessThanOrEqual(4);
});

test('a reader whose server is not connected waits for its turn', async () => {
  const all = watching();
  await knows(all);
  all.get('db2').connected = false;
  const masked = { match: '*', ignoreColumns: [], maskColumns: ['c'], method: null, where: null };
  const asked = [all.asked('db2', channelsOf), all.asked('db3', channelsOf)];
  const tables = { include: [], exclude: [], overrides: [masked] };
  all.lag.reconfigure([pairOf('db3', { tables }), pairOf('db2', { tables })], config);
  await all.pass(1);
  expect([all.asked('db2', channelsOf), all.asked('db3', channelsOf)]).toEqual([asked[0], asked[1]! + 1]);
});

test('two pairs of one target share its reading, and one of them may go', async () => {
  const two = [pairOf('db2'), pairConfig([], { name: 'again', source: 'db3', target: 'db2' })];
  const all = watching(two);
  all.lag.start();
  await all.pass(3000);
  expect(all.lag.replication('again')?.at).toEqual(all.lag.replication('to-db2')?.at);
  all.lag.reconfigure(two.slice(0, 1), config);
  await all.pass(50);
  const told = all.statuses.length;
  await all.pass(3000);
  expect(all.statuses.slice(told).every(({ pair }) => pair === 'to-db2')).toBe(true);
  expect(all.statuses.length).toBeGreaterThan(told);
});

test('two pairs of one target: what changes of one is read for it as it is now', async () => {
  const again = (but: Partial<PairConfig> = {}) =>
    pairConfig([], { name: 'again', source: 'db3', target: 'db2', ...but });
  const all = watching([pairOf('db2'), again()]);
  all.lag.start();
  await all.pass(3000);
  all.lag.reconfigure([pairOf('db2'), again({ lag: { warningMs: 1, criticalMs: 2, forMs: 0 } })], config);
  await all.pass(1500);
  expect(all.lag.replication('again')).not.toBeNull();
  expect(all.lag.replication('to-db2')).not.toBeNull();
});

test('one masked column of one pair hides the values of all pairs of its target, from the next moment on', async () => {
  const error = { ...row, Last_SQL_Errno: 1062, Last_SQL_Error: "Duplicate entry 'secret' for key 'k'" };
  const masked = { match: '*', ignoreColumns: [], maskColumns: ['c'], method: null, where: null };
  const again = (...overrides: (typeof masked)[]) => {
    const tables = { include: [], exclude: [], overrides };
    return pairConfig([], { name: 'again', source: 'db2', target: 'db3', tables });
  };
  const all = watching([pairOf('db2'), pairOf('db3'), again()]);
  all.get('db3').says.set(channelsOf, [error]);
  await knows(all);
  const told = () => JSON.stringify(all.lag.replication('to-db3')?.channels);
  expect(told()).toContain('secret');
  all.lag.reconfigure([pairOf('db2'), pairOf('db3'), again(masked)], config);
  await all.pass(50);
  expect(told()).not.toContain('secret');
});

test('what is not known from before was not replicated, by the clock of the machine', async () => {
  const { lag, pass, get } = watching(undefined, null);
  get('db2').says.delete(channelsOf);
  lag.start();
  await pass(1500);
  expect([lag.state('to-db2').state, lag.state('to-db3').state]).toEqual(['not-configured', 'in-sync']);
});

test('the readings are spread over their interval, whoever cannot be reached', async () => {
  const { lag, pass, get, statuses } = watching();
  for (const name of ['db1', 'db2', 'db3']) get(name).facts = null;
  lag.start();
  await pass(1400);
  const at = (pair: string) =>
    statuses.filter((status) => status.pair === pair).map((status) => Number(status.at));
  expect(at('to-db2')).toEqual([0, 1000]);
  expect(at('to-db3')).toEqual([500]);
});

test('a source may be silent for three looks, and for a second', async () => {
  const { lag, pass, get } = watching();
  lag.start();
  await pass(3200);
  get('db1').fails = () => {
    throw get('db1').fault('timeout', 'db1: no answer');
  };
  // Asked last at 3200.
  await pass(1140);
  expect(lag.sample('to-db3')).toMatchObject({ lagMs: 0 });
  await pass(400);
  expect(lag.sample('to-db3')?.evidence).toMatch(/^lag unknown: db1: no answer/);
});

test('another source that falls back is no doubt of this one', async () => {
  const all = watching([pairOf('db2'), pairConfig([], { name: 'other', source: 'db3', target: 'db1' })]);
  all.lag.start();
  await all.pass(3000);
  comesTo(all.get('db3'), 3);
  await all.pass(400);
  expect(all.lag.sample('to-db2')).toMatchObject({ lagMs: 0 });
});

test('where the status may not be read GTIDs alone are the way, unless another server has the source’s id', async () => {
  const all = watching([pairOf('db2'), pairOf('db3')]);
  all.get('db2').says.set(channelsOf, all.get('db2').fault('privilege'));
  await knows(all);
  expect(all.lag.route('to-db2')).toMatchObject({ kind: 'mariadb-gtid' });
  const twin = watching([pairOf('db2'), pairOf('db3')]);
  twin.get('db3').facts = { ...twin.get('db3').facts!, serverId: '1' };
  twin.get('db2').says.set(channelsOf, twin.get('db2').fault('privilege'));
  await knows(twin);
  expect(twin.lag.route('to-db2')?.kind ?? null).toBeNull();
});

test('a channel that reads from another known server with the id of the source does not read from the source', async () => {
  const direct = async (id: string) => {
    const all = watching();
    all.get('db3').facts = { ...all.get('db3').facts!, serverId: id };
    all.get('db2').says.set(channelsOf, [{ ...row, Master_Host: 'db3.local' }]);
    await knows(all);
    return all.lag.replication('to-db2')?.direct;
  };
  expect(await direct('3')).toBe(true);
  expect(await direct('1')).toBe(false);
});

/** db1, db2 and db3 as nodes of one cluster, and what is told of it. */
function clustered() {
  const told: GroupState[] = [];
  const events: string[] = [];
  const known: [string, KnownMember | null][] = [];
  const all = watching([pairOf('db2'), pairOf('db3')], [], {
    onGroup: (state) => told.push(state),
    onGroupEvent: (_, message) => events.push(message),
    onKnownMember: (...member) => known.push(member),
  });
  beOfOneCluster(all);
  return { ...all, told, events, known };
}

function beOfOneCluster({ servers }: ReturnType<typeof watching>): void {
  for (const node of servers.values()) {
    node.facts = { ...node.facts!, cluster: 'galera', clusterName: 'shop' };
    node.says.delete(channelsOf);
    node.says.set('wsrep_last_committed', saysNode());
  }
}

/** What a node says of itself. */
const saysNode = (but: Record<string, string> = {}) =>
  Object.entries({
    cluster_state_uuid: 'g',
    last_committed: '5',
    local_state: '4',
    local_state_comment: 'Synced',
    cluster_status: 'Primary',
    ready: 'ON',
    cluster_conf_id: '1',
    cluster_size: '3',
    incoming_addresses: 'db1.local:3306,db2.local:3306,db3.local:3306',
    local_recv_queue: '0',
    ...but,
  }).map(([name, Value]) => ({ Variable_name: `wsrep_${name}`, Value }));

test('members of one cluster are held against each other, and what is known of it is told', async () => {
  const all = clustered();
  await knows(all);
  expect(all.lag.state('to-db2').state).toBe('in-sync');
  expect(all.lag.groups()).toMatchObject([{ size: 3, state: 'whole' }]);
  expect(all.lag.groups()[0]!.members.map(({ server: name }) => name)).toEqual(['db1', 'db2', 'db3']);
  expect(all.told.at(-1)).toBe(all.lag.groups()[0]);
  expect(all.known.map(([name]) => name)).toEqual(expect.arrayContaining(['db1', 'db2', 'db3']));
  expect(all.lag.takeForWhole(all.lag.groups()[0]!.id, 'somebody')).toMatchObject({ largest: 3 });
  expect(all.events.at(-1)).toMatch(/^somebody: cluster shop is to have 3 members/);
  expect(all.lag.joining('db2')).toBeNull();
  all
    .get('db2')
    .says.set('wsrep_last_committed', saysNode({ local_state: '1', local_state_comment: 'Joining' }));
  await all.pass(800);
  expect(all.lag.joining('db2')).toMatch(/^db2: /);
  expect(all.lag.state('to-db2').state).toBe('joining');
});

test('what an earlier process knew of a member is recalled, of others nothing is', async () => {
  const all = clustered();
  const member: KnownMember = {
    kind: 'galera',
    cluster: 'shop',
    group: 'g',
    listedAs: null,
    reachedAt: 'db1.local:3306',
    largest: 5,
  };
  all.lag.recall(
    new Map([
      ['db1', { member }],
      ['db2', {}],
    ] as unknown as [string, KnownServer][]),
  );
  await knows(all);
  expect(all.lag.groups()).toMatchObject([{ size: 3, largest: 5 }]);
});

test('a member that is watched no longer is none of its group any more', async () => {
  const all = clustered();
  await knows(all);
  all.lag.reconfigure([pairOf('db2')], config);
  await all.pass(1500);
  expect(all.lag.groups()[0]!.members.map(({ server: name }) => name)).toEqual(['db1', 'db2']);
});

test('members that are compared without a channel are of one group, though each had a history of its own', async () => {
  const all = clustered();
  await knows(all);
  all
    .get('db2')
    .says.set('wsrep_last_committed', saysNode({ cluster_state_uuid: 'h', cluster_conf_id: '9' }));
  await all.pass(1500);
  expect(all.lag.groups()).toHaveLength(1);
});

test('a cluster that nobody wants to be told of is watched all the same', async () => {
  const all = watching();
  beOfOneCluster(all);
  await knows(all);
  expect(all.lag.groups()).toMatchObject([{ size: 3 }]);
  expect(all.lag.takeForWhole(all.lag.groups()[0]!.id, 'somebody')).not.toBeNull();
});

test('what comes after the end is asked nothing', async () => {
  const all = watching([pairOf('db2')]);
  all.lag.start();
  await all.pass(1000);
  all.lag.stop();
  all.lag.reconfigure([pairOf('db3')], config);
  await all.pass(1000);
  expect(all.asked('db3', '')).toBe(0);
});
