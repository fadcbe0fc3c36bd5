import { expect, test } from 'vitest';
import { hastenWhenAnswering } from '../../src/lag/hasten-when-answering.ts';
import { MembershipReader } from '../../src/lag/membership-reader.ts';
import { type GtidPositions, GtidReading } from '../../src/lag/position-sample.ts';
import { watchSource } from '../../src/lag/watch-source.ts';
import { Unparsable } from '../../src/position/unparsable.ts';
import { ServerFault } from '../../src/server/sql-server.ts';
import { facts } from '../support/replication.ts';

interface Listener {
  sample: (sample: unknown) => void;
  fault: (fault: Error) => void;
}

/** A sampler that looks when it is told to. */
function sampler(but: { latest?: object | null; fault?: Error | null } = {}) {
  const listeners = new Set<Listener>();
  return {
    latest: null,
    fault: null,
    ...but,
    listen: (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sample: (sample: unknown = {}) => listeners.forEach((each) => each.sample(sample)),
    fails: () => listeners.forEach((each) => each.fault(new Error('gone'))),
  };
}

function hastened(samplers: ReturnType<typeof sampler>[], running = true) {
  let hastened = 0;
  const reader = { hasten: () => hastened++ };
  const end = (hastenWhenAnswering as (...args: unknown[]) => () => void)(reader, samplers, running);
  return { end, times: () => hastened };
}

test('the status is read at once when a server answers again, not at each answer', () => {
  const [source, target] = [sampler({ latest: {} }), sampler({ latest: {} })];
  const { times, end } = hastened([source, target]);
  source.sample();
  target.sample();
  expect(times()).toBe(0);
  source.fails();
  source.fails();
  expect(times()).toBe(0);
  source.sample();
  source.sample();
  expect(times()).toBe(1);
  target.fails();
  end();
  target.sample();
  expect(times()).toBe(1);
});

test('the first answer counts as one again, unless servers are known to answer', () => {
  for (const [but, running] of [
    [{ latest: {} }, false],
    [{ latest: null }, true],
    [{ latest: {}, fault: new Error('gone') }, true],
  ] as const) {
    const one = sampler(but);
    const { times } = hastened([one], running);
    one.sample();
    one.sample();
    expect(times()).toBe(1);
  }
});

function watched() {
  const told: string[] = [];
  const server = { facts: facts('mysql', { identity: 'u1' }) as { identity: string } | null };
  const source = sampler();
  const state = { goesOn: true };
  const watermarks = { reset: () => told.push('forgotten'), record: () => state.goesOn };
  const monitor = {
    noticeExchange: () => told.push('exchanged'),
    sourceWentBack: () => told.push('went back'),
  };
  const end = (watchSource as (options: unknown) => () => void)({
    server,
    sampler: source,
    watermarks,
    monitors: () => [monitor],
  });
  const seen = () => {
    source.sample();
    return told.splice(0);
  };
  return { server, source, state, seen, told, end };
}

test('what a source had is forgotten when another server answers, and its pairs are told', () => {
  const { server, seen } = watched();
  expect(seen()).toEqual([]);
  expect(seen()).toEqual([]);
  server.facts = { identity: 'u2' };
  expect(seen()).toEqual(['forgotten', 'exchanged']);
  expect(seen()).toEqual([]);
});

test('a source that was not reached before is not another one', () => {
  const { server, seen } = watched();
  server.facts = null;
  expect(seen()).toEqual([]);
  server.facts = { identity: 'u1' };
  expect(seen()).toEqual([]);
});

test('a source that went back is told of at each look that shows it, until it is watched no longer', () => {
  const { source, state, seen, told, end } = watched();
  state.goesOn = false;
  expect(seen()).toEqual(['went back']);
  source.fails();
  expect(told).toEqual([]);
  end();
  expect(seen()).toEqual([]);
});

const uuid = 'aaaaaaaa-0000-0000-0000-000000000000';
const rows = [
  { channel: 'group_replication_applier', group_name: 'g', state: 'ON', executed: '', received: '' },
];
const peers = [{ id: uuid, host: 'h', port: 1, state: 'ONLINE', role: 'PRIMARY', view: '1:2', queue: 0 }];

function memberships(cluster: 'group-replication' | 'galera' | null = 'group-replication') {
  let now = 0;
  const reported: unknown[][] = [];
  const cleared: string[] = [];
  const server = {
    facts: facts('mysql', { cluster, uuid }),
    clearMissing: (feature: string) => cleared.push(feature),
    reportFault: (...what: unknown[]) => Promise.resolve(reported.push(what)),
  };
  const clock = { now: () => now, wall: () => new Date(now) };
  const reader = new MembershipReader({ server, clock } as unknown as ConstructorParameters<
    typeof MembershipReader
  >[0]);
  return { reader, server, reported, cleared, at: (ms: number) => (now = ms) };
}

test('only a member of Group Replication is asked for the others', () => {
  expect(memberships().reader.ofPeers).toContain('replication_group_members');
  expect(memberships('galera').reader.ofPeers).toBeNull();
  expect(memberships(null).reader.ofPeers).toBeNull();
});

test('what a member says of the others is taken with what it says of itself', async () => {
  const { reader, cleared } = memberships();
  expect(await reader.read(rows, peers)).toMatchObject({ role: 'primary', view: { number: 2n } });
  expect(cleared).toEqual(['members of the group', 'view of the group']);
  expect(await reader.read(rows, null)).toMatchObject({ standing: 'in', role: null, view: null });
  expect(cleared).toHaveLength(2);
  expect(await reader.read(null, peers)).toBeNull();
});

test('who may not ask for the others is told which GRANT is missing, and asks again after ten seconds', async () => {
  const { reader, reported, at } = memberships();
  const denied = (table: string) => new ServerFault('privilege', 'db1', `denied for table '${table}'`);
  expect(await reader.read(rows, denied('replication_group_member_stats'))).toMatchObject({ view: null });
  const { ofPeers } = reader;
  expect(ofPeers).toBeNull();
  at(9_999);
  expect(reader.ofPeers).toBeNull();
  at(10_000);
  expect(reader.ofPeers).not.toBeNull();
  await reader.read(rows, denied('replication_group_members'));
  await reader.read(rows, denied('some view'));
  expect(reported.map(([feature, grant]) => [feature, grant])).toEqual([
    ['view of the group', 'SELECT ON performance_schema.replication_group_member_stats'],
    ['members of the group', 'SELECT ON performance_schema.replication_group_members'],
    ['members of the group', 'SELECT ON performance_schema.replication_group_members'],
  ]);
});

test('any other fault of asking for the others is one, of a server that was reached', async () => {
  const { reader, server, reported } = memberships();
  const gone = new ServerFault('connection', 'db1', 'gone');
  await expect(reader.read(rows, gone)).rejects.toBe(gone);
  expect(reported).toEqual([]);
  (server as { facts: unknown }).facts = null;
  expect(await reader.read(rows, gone)).toBeNull();
  expect(reader.ofPeers).toBeNull();
});

test('positions are parsed anew only when a server prints something new, or writes under another number', () => {
  const reading = new GtidReading();
  const row = { written: '0-1-9', applied: '', state: '0-1-9' };
  const one = facts('mariadb', { serverId: '1' });
  const first: GtidPositions = reading.read(row, one);
  expect(first).toMatchObject({ source: { text: '0-1-9' }, applied: { own: '0-1-9' }, history: '0-1-9' });
  expect(reading.read({ ...row }, one)).toBe(first);
  expect(reading.read(row, facts('mariadb', { serverId: '2' }))).toMatchObject({ applied: { own: '' } });
  const next = reading.read({ ...row, written: '0-1-10', state: '0-1-10' }, one);
  expect(next.source.text).toBe('0-1-10');
  expect(reading.read({ ...row, applied: '1-2-3', written: '0-1-10', state: '0-1-10' }, one)).not.toBe(next);
});

test.each([
  ['mysql', { executed: '00000000-0000-0000-0000-000000000001:1-9' }, { executed: 'nonsense:1-9' }],
  [
    'mariadb',
    { written: '0-1-9', applied: '', state: '0-1-9' },
    { written: '0?1-9', applied: '', state: '' },
  ],
] as const)('positions of %s that cannot be read are none, however often they come', (flavour, sane, lie) => {
  const reading = new GtidReading();
  const of = facts(flavour, { serverId: '1' });
  const first = reading.read(sane, of);
  for (let look = 0; look < 3; look++) expect(() => reading.read(lie, of)).toThrow(Unparsable);
  expect(reading.read(sane, of)).toEqual(first);
});
