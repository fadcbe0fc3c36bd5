import { expect, test } from 'vitest';
import { GroupWatch } from '../../src/lag/group-watch.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import type { PositionSampler, SampleListener } from '../../src/lag/position-sampler.ts';
import type { GroupState, KnownMember } from '../../src/model/group.ts';
import type { Membership } from '../../src/position/membership.ts';
import { facts } from '../support/replication.ts';
import { ToldServer } from '../support/told-server.ts';

/** Three nodes of one cluster, looked at when the test says so. */
function watched() {
  const time = { now: 0 };
  const told: GroupState[] = [];
  const known: [string, KnownMember | null][] = [];
  const names = ['n1', 'n2', 'n3'];
  const watch = new GroupWatch({
    servers: () => names,
    linked: () => [],
    clock: { now: () => time.now, wall: () => new Date(time.now) },
    staleMs: 1000,
    onGroup: (state) => told.push(state),
    onEvent: () => undefined,
    onKnown: (...member) => known.push(member),
  });
  const servers = new Map<string, ToldServer>();
  const listeners = new Map<string, SampleListener>();
  for (const name of names) {
    const node = facts('mariadb', { cluster: 'galera', clusterName: 'shop', instance: { server_uid: name } });
    servers.set(name, new ToldServer(name, node));
    const listen = (listener: SampleListener) => void listeners.set(name, listener);
    watch.watch(servers.get(name)!.server, { listen } as unknown as PositionSampler);
  }
  const says = (seqno: number, but: Partial<Membership>): Membership => ({
    kind: 'galera',
    group: 'g',
    standing: 'in',
    outside: null,
    busy: null,
    position: { kind: 'galera', text: `g:${seqno}`, group: 'g', seqno: BigInt(seqno) },
    received: null,
    view: { lineage: '', number: 1n, size: 3, members: names.map((name) => `${name}.local:3306`) },
    role: null,
    queue: 0,
    flowControl: null,
    ...but,
  });
  /** It answered in the last ms. */
  const look = (name: string, seqno: number | null, but: Partial<Membership> = {}) => {
    time.now++;
    const sample = {
      sentAt: time.now - 1,
      receivedAt: time.now,
      gtid: { history: `${name} has ${seqno}` },
      membership: seqno === null ? null : says(seqno, but),
    };
    listeners.get(name)!.sample(sample as unknown as PositionSample);
  };
  const fails = (name: string) => listeners.get(name)!.fault(new Error('gone'));
  return { watch, time, told, known, servers, look, fails };
}

const all = (seqno: number, { look }: ReturnType<typeof watched>) =>
  ['n1', 'n2', 'n3'].forEach((name) => look(name, seqno));

test('a member is as far behind as its group was ahead, and that is told of it', () => {
  const nodes = watched();
  const { watch, look, time, told } = nodes;
  all(5, nodes);
  expect(watch.behind('n2')).toMatchObject({ behind: 0, holder: null, range: { lagMs: 0 } });
  look('n1', 9);
  time.now += 400;
  look('n2', 5);
  expect(watch.behind('n2')).toMatchObject({ behind: 4, holder: 'n1', range: { lagMs: 400 } });
  time.now += 1000;
  look('n3', 9);
  expect(told.at(-1)?.members.find(({ server }) => server === 'n2')).toMatchObject({ lagMs: 400, behind: 4 });
});

test('that one came or changed is told at once, what is measured about once a second', () => {
  const nodes = watched();
  const { look, told, time } = nodes;
  look('n1', 5);
  expect(told.length).toBe(1);
  expect(told[0]!.members[0]!.since).toEqual(new Date(1));
  look('n2', 5);
  expect(told.length).toBe(2);
  look('n2', 5);
  time.now += 997;
  look('n2', 6);
  expect(told.length).toBe(2);
  look('n2', 6);
  expect(told.length).toBe(3);
  look('n2', 6, { standing: 'donor' });
  expect(told.length).toBe(4);
  look('n2', 6, { standing: 'donor' });
  expect(told.length).toBe(4);
});

test('one that does not answer is told so at once, once, and how far it is behind is not known', () => {
  const nodes = watched();
  const { watch, fails, told } = nodes;
  all(5, nodes);
  const before = told.length;
  fails('n2');
  expect(watch.behind('n2')).toBeNull();
  expect(told.length).toBe(before + 1);
  fails('n2');
  expect(told.length).toBe(before + 1);
  expect(watch.members.judge('n2')).not.toMatchObject({ state: 'in-group' });
});

test('of one that several servers answer for in turn the address in the group is not known any more', () => {
  const nodes = watched();
  const { fails, servers, known } = nodes;
  all(5, nodes);
  fails('n3');
  expect(known.at(-1)).not.toEqual(['n3', expect.objectContaining({ listedAs: null })]);
  servers.get('n2')!.state.balances = 'several';
  fails('n2');
  expect(known.at(-1)).toEqual(['n2', expect.objectContaining({ listedAs: null })]);
});

test('a member was silent since it was asked last, for ever if it never was', () => {
  const nodes = watched();
  const { watch, look, time } = nodes;
  expect(watch.silence('n1', 5)).toEqual({ silentMs: Infinity });
  time.now = 5000;
  look('n1', 5);
  expect(watch.silence('n1', 6000)).toBeNull();
  expect(watch.silence('n1', 6001)).toEqual({ silentMs: 1001 });
});

test('the histories of the others are those of their last looks', () => {
  const nodes = watched();
  const { watch, look } = nodes;
  look('n1', 5);
  expect(watch.otherHistories('n1')).toEqual([]);
  all(5, nodes);
  look('n3', 6);
  expect(watch.otherHistories('n1')).toEqual(['n2 has 5', 'n3 has 6']);
});

test('of one that is forgotten nothing is left', () => {
  const nodes = watched();
  const { watch } = nodes;
  all(5, nodes);
  watch.forget('n2');
  expect(watch.behind('n2')).toBeNull();
  expect(watch.silence('n2', 5)).toEqual({ silentMs: Infinity });
  expect(watch.members.isMember('n2')).toBe(false);
  expect(watch.otherHistories('n1')).toEqual(['n3 has 5']);
});

test('who is no member, or was not reached, is none, and one that was is heard of its leaving', () => {
  const nodes = watched();
  const { watch, look, servers, told } = nodes;
  look('n1', null);
  expect([watch.members.isMember('n1'), told.length]).toEqual([false, 0]);
  const { facts: node } = servers.get('n1')!;
  servers.get('n1')!.facts = null;
  look('n1', 5);
  expect(watch.members.isMember('n1')).toBe(false);
  servers.get('n1')!.facts = node;
  look('n1', 5);
  const before = told.length;
  look('n1', null);
  expect(told.length).toBe(before + 1);
  expect(watch.members.judge('n1')?.state).toBe('not-in-group');
  expect(watch.behind('n1')).toBeNull();
});

test('what an earlier process knew of a member is taken up by its address, and what is new is to be known', () => {
  const { watch, servers, known, look } = watched();
  const member: KnownMember = {
    kind: 'galera',
    cluster: 'shop',
    group: 'g',
    listedAs: '10.0.0.1:3306',
    reachedAt: 'n1.local:3306',
    largest: 3,
  };
  watch.recall(servers.get('n1')!.server, member);
  expect(watch.members.isMember('n1')).toBe(true);
  look('n1', 5);
  expect(known).toEqual([]);
  watch.recall(servers.get('n2')!.server, { ...member, reachedAt: 'elsewhere:3306' });
  look('n2', 5);
  expect(known).toEqual([['n2', { ...member, listedAs: 'n2.local:3306', reachedAt: 'n2.local:3306' }]]);
});
