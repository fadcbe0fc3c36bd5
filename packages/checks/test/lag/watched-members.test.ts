import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GroupState, KnownMember } from '../../src/model/group.ts';
import type { KnownServer } from '../../src/model/server.ts';
import { channelsOf, config, knows, pairOf, watching } from './watched-servers.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

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
