import { describe, expect, test } from 'vitest';
import { GroupMonitor } from '../../src/group/group-monitor.ts';
import type { KnownMember } from '../../src/model/group.ts';
import type { Membership } from '../../src/position/membership.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';

const addresses: Record<string, string> = { n1: '10.0.0.1:3306', n2: '10.0.0.2:3306', n3: '10.0.0.3:3306' };

/** `n2 again` is n2. */
const addressOf = (name: string) => addresses[name.split(' ')[0] ?? ''] ?? '';

/** Asked and answered at `now`, in seconds. */
function monitored() {
  const known = new Map<string, KnownMember | null>();
  const told: string[] = [];
  const monitor = new GroupMonitor({
    servers: () => Object.keys(addresses),
    linked: () => [],
    wall: () => new Date(),
    staleMs: 3000,
    onGroup: () => {},
    onEvent: (_servers, message) => told.push(message),
    onKnown: (server, member) => known.set(server, member),
  });
  let now = 0;
  return {
    monitor,
    known,
    told,
    /** All of them answer, in a view of them. */
    answer: (number: number, ...names: string[]): void => {
      now += 10;
      const members = [...new Set(names.map(addressOf))];
      const says: Membership = {
        kind: 'galera',
        group: 'aaaa',
        standing: 'in',
        outside: null,
        busy: null,
        position: null,
        received: null,
        view: { lineage: '', number: BigInt(number), size: members.length, members },
        role: null,
        queue: null,
        flowControl: null,
      };
      for (const name of names) {
        const instance = { server_uuid: addressOf(name) };
        const facts = { clusterName: 'shop', instance } as unknown as ServerFacts;
        const at = { sentAt: now * 1000, receivedAt: now * 1000 + 1 };
        monitor.take({ name, address: addressOf(name), facts }, says, at);
      }
      monitor.tell();
    },
    /** It says what it said, and that its cluster is called otherwise. */
    rename: (name: string): void => {
      now += 10;
      const at = { sentAt: now * 1000, receivedAt: now * 1000 + 1 };
      const facts = { clusterName: 'other', instance: { server_uuid: addressOf(name) } };
      monitor.take(
        { name, address: addressOf(name), facts: facts as unknown as ServerFacts },
        monitor.membership(name),
        at,
      );
      monitor.tell();
    },
    /** By its present configuration it is no member of anything. */
    answerAlone: (name: string): void => {
      const at = { sentAt: now * 1000, receivedAt: now * 1000 + 1 };
      monitor.take(
        { name, address: addresses[name] ?? '', facts: { instance: {} } as ServerFacts },
        null,
        at,
      );
      monitor.tell();
    },
    recall: (from: ReadonlyMap<string, KnownMember | null>): void => {
      for (const [name, member] of from) {
        if (member) monitor.recall(name, addresses[name] ?? '', member);
      }
    },
  };
}

describe('after a restart', () => {
  const before = monitored();
  before.answer(1, 'n1', 'n2', 'n3');

  test('a cluster that lost a member meanwhile is degraded, and who is missing is said', () => {
    const { monitor, recall, answer } = monitored();
    recall(before.known);
    monitor.tell();
    expect(monitor.groups()).toMatchObject([{ state: 'unknown', size: null, largest: 3 }]);
    answer(2, 'n1', 'n2');
    // It was not asked yet: that the others have it in no view may be over by now.
    expect(monitor.judge('n3')?.state).toBe('unknown');
    monitor.fault('n3', 'connection refused');
    monitor.tell();
    expect(monitor.groups()).toMatchObject([{ name: 'shop', state: 'degraded', size: 2, largest: 3 }]);
    expect(monitor.judge('n3')).toEqual({
      state: 'not-in-group',
      evidence: 'it is not in the view of n1, and does not answer: connection refused',
    });
  });

  test('a member that is reached by another address is not said to be missing in views that cannot name it', () => {
    const { monitor, answer } = monitored();
    const member = before.known.get('n3');
    if (member) monitor.recall('n3', 'proxy:3306', member);
    answer(2, 'n1', 'n2');
    monitor.fault('n3', 'connection refused');
    expect(monitor.judge('n3')).toEqual({ state: 'unknown', evidence: 'connection refused' });
  });

  test('a member that is reached through a proxy is known by the address that it and the views say', () => {
    const first = monitored();
    first.answer(1, 'n1', 'n2');
    const view = { lineage: '', number: 2n, size: 3, members: Object.values(addresses) };
    const says = { ...first.monitor.membership('n1')!, view };
    const at = { sentAt: 11_000, receivedAt: 11_001 };
    const facts = { clusterName: 'shop', instance: {} } as ServerFacts;
    for (const [name, address] of Object.entries({ ...addresses, n3: 'proxy:3306' })) {
      first.monitor.take({ name, address, facts }, { ...says, address: addresses[name] ?? null }, at);
    }
    first.monitor.tell();
    expect(first.monitor.groups()).toMatchObject([{ size: 3, unwatched: [] }]);
    const isGone = {
      state: 'not-in-group',
      evidence: expect.stringContaining('not in the view of n1') as string,
    };
    first.answer(3, 'n1', 'n2');
    first.monitor.fault('n3', 'connection refused');
    expect(first.monitor.judge('n3')).toEqual(isGone);
    const [second, moved] = [monitored(), monitored()];
    for (const [{ monitor, answer }, address] of [
      [second, 'proxy:3306'],
      [moved, 'elsewhere:3306'],
    ] as const) {
      monitor.recall('n3', address, first.known.get('n3')!);
      answer(4, 'n1', 'n2');
      monitor.fault('n3', 'connection refused');
    }
    expect(second.monitor.judge('n3')).toEqual(isGone);
    expect(moved.monitor.judge('n3')?.state).toBe('unknown');
  });

  test('what a person takes for the whole of a cluster stays so', () => {
    const first = monitored();
    first.recall(before.known);
    first.answer(2, 'n1', 'n2');
    const [{ id } = { id: '' }] = first.monitor.groups();
    expect(first.monitor.takeForWhole(id, 'anna')).toMatchObject({ state: 'whole', size: 2, largest: 2 });
    expect(first.told).toContain('anna: cluster shop is to have 2 members, it had 3');
    const second = monitored();
    second.recall(first.known);
    second.answer(2, 'n1', 'n2');
    expect(second.monitor.groups()).toMatchObject([{ state: 'whole', size: 2, largest: 2 }]);
    // One that comes back belongs to it again.
    second.answer(3, 'n1', 'n2', 'n3');
    second.answer(4, 'n1', 'n2');
    expect(second.monitor.groups()).toMatchObject([{ state: 'degraded', size: 2, largest: 3 }]);
  });

  test('a server that is set up to be no member any more is none, and forgotten', () => {
    const { monitor, recall, answer, answerAlone, known } = monitored();
    recall(before.known);
    answer(2, 'n1', 'n2');
    answerAlone('n3');
    expect(monitor.isMember('n3')).toBe(false);
    expect(known.get('n3')).toBeNull();
    expect(monitor.groups()).toMatchObject([{ state: 'degraded', members: [{}, {}] }]);
  });
});

test('a server that leaves its cluster while it is watched has left it, whatever it is set up to be', () => {
  const { monitor, answer, answerAlone } = monitored();
  answer(1, 'n1', 'n2', 'n3');
  answer(2, 'n1', 'n2');
  answerAlone('n3');
  expect(monitor.judge('n3')?.state).toBe('not-in-group');
});

test('another name of a member confirms nothing for it, and has nothing that it wrote alone from the others', () => {
  const { monitor, answer } = monitored();
  answer(1, 'n1', 'n2', 'n2 again');
  expect(monitor.judge('n2')).toEqual({
    state: 'in-group',
    evidence: 'it has the view 1 (2 members), as n1',
  });
  expect(monitor.judge('n1')?.evidence).toBe('it has the view 1 (2 members), as n2 and n2 again');
  expect(monitor.peers('n2')).toEqual(['n1', 'n2']);
  expect(monitor.peers('n2 again')).toEqual(['n1', 'n2 again']);
  monitor.fault('n1', 'connection refused');
  for (const name of ['n2', 'n2 again']) {
    expect(monitor.judge(name)).toMatchObject({
      state: 'unknown',
      evidence: expect.stringContaining('which no other watched member confirms') as string,
    });
  }
});

test('what one half of a split cluster commits does not come to the other, from the first look on', () => {
  const { monitor, answer } = monitored();
  answer(1, 'n1', 'n2', 'n3');
  expect(monitor.peers('n1')).toEqual(['n1', 'n2', 'n3']);
  // It began again with the same history.
  answer(1, 'n3');
  answer(2, 'n1', 'n2');
  for (const name of ['n1', 'n2']) expect(monitor.peers(name)).toEqual(['n1', 'n2']);
  expect(monitor.peers('n3')).toEqual(['n3']);
  answer(3, 'n1', 'n2', 'n3');
  expect(monitor.peers('n3')).toEqual(['n1', 'n2', 'n3']);
});

test('a node whose cluster is given another name while it runs is where it was, and a copy of a cluster is not', () => {
  const { monitor, answer, rename } = monitored();
  answer(1, 'n1', 'n2', 'n3');
  rename('n2');
  expect(monitor.judge('n2')).toEqual({
    state: 'in-group',
    evidence: 'it has the view 1 (3 members), as n1 and n3',
  });
  expect(monitor.groups()).toMatchObject([{ state: 'whole', size: 3 }]);

  const copied = monitored();
  copied.answer(1, 'n3');
  copied.rename('n3');
  copied.answer(1, 'n1', 'n2');
  expect(copied.monitor.groups().map(({ state }) => state)).toEqual(['whole', 'whole']);
});

test('of a cluster that is begun anew the first member is well, while another still hangs in what was before', () => {
  const { monitor, answer } = monitored();
  answer(7, 'n1', 'n2', 'n3');
  monitor.fault('n1', 'connection refused');
  monitor.fault('n2', 'connection refused');
  answer(1, 'n1');
  expect(monitor.judge('n1')?.state).toBe('in-group');
  expect(monitor.judge('n3')?.state).toBe('unknown');
  answer(2, 'n1', 'n2');
  expect(monitor.groups()).toMatchObject([{ state: 'degraded', size: 2, largest: 3 }]);
});

test('a list with fewer members than its view had is one that was read while it went, and no split', () => {
  const { monitor, answer } = monitored();
  answer(1, 'n1', 'n2', 'n3');
  answer(2, 'n1', 'n2');
  answer(1, 'n3');
  answer(2, 'n1', 'n2');
  expect(monitor.apart('n1', 'n3')).not.toBeNull();
  expect(monitor.groups()[0]?.state).not.toBe('split');
  answer(1, 'n3');
  expect(monitor.groups()[0]?.state).toBe('split');
});

test('an address that leads to several members in turn is unknown, and lost with none of them', () => {
  const { monitor, answer } = monitored();
  answer(1, 'n1', 'n2', 'n3');
  // n3 was the last that answered there.
  monitor.fault('n3', 'each connection leads to another server', true);
  answer(2, 'n1', 'n2');
  expect(monitor.judge('n3')).toEqual({
    state: 'unknown',
    evidence: 'each connection leads to another server',
  });
  // It leads to one again.
  answer(3, 'n1', 'n2', 'n3');
  expect(monitor.judge('n3')?.state).toBe('in-group');
  monitor.fault('n3', 'connection refused');
  answer(4, 'n1', 'n2');
  expect(monitor.judge('n3')?.state).toBe('not-in-group');
});

test('who is set up as members of a group are is none of them once it replicates, whatever was known before', () => {
  let replicates: boolean | null = null;
  const monitor = new GroupMonitor({
    servers: () => ['m4'],
    linked: () => [],
    wall: () => new Date(),
    staleMs: 3000,
    replicates: () => replicates,
    onGroup: () => {},
    onEvent: () => {},
    onKnown: () => {},
  });
  const left: Membership = {
    kind: 'group-replication',
    group: 'aaaa',
    standing: 'left',
    outside: 'it has left its group',
    busy: null,
    position: null,
    received: null,
    view: null,
    role: null,
    queue: null,
    flowControl: null,
  };
  const look = () => {
    const facts = { instance: {} } as ServerFacts;
    monitor.take({ name: 'm4', address: '10.0.0.4:3306', facts }, left, { sentAt: 1000, receivedAt: 1001 });
    return monitor.isMember('m4');
  };
  expect(look()).toBe(false);
  replicates = false;
  expect(look()).toBe(true);
  replicates = null;
  expect(look()).toBe(true);
  replicates = true;
  expect(look()).toBe(false);
});
