import { expect, test } from 'vitest';
import type { ReplicationRoute } from '../../../src/position/replication-route.ts';
import { ReplicationBarrier } from '../../../src/verify/settle/replication-barrier.ts';
import { facts } from '../../support/replication.ts';
import { answering, executed, gtids, route } from '../../support/servers-that-answer.ts';
import { a, b, between, mariadb, mysql, signal } from './between.ts';

const synced = (seqno: number | null) => ({
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

test('a member of a group may itself be behind the other, and is waited for', async () => {
  const is = (serverId: string) => facts('mariadb', { serverId, cluster: 'galera' });
  const [s, t] = [answering('a', is('1'), synced(8)), answering('b', is('2'), synced(9))];
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

const galera = (name: string, seqno: number) =>
  answering(name, facts('mariadb', { serverId: name, cluster: 'galera' }), synced(seqno)).server;
const told = route({ kind: 'galera', group: true });
const out = route({ kind: null, group: true, evidence: 'b: it is cut off', unproved: 'b: it is cut off' });

test('what was in flight to a member that is out is waited for until it is back, once in vain', async () => {
  let way = out;
  const barrierOf = () =>
    new ReplicationBarrier({
      source: galera('a', 9),
      target: galera('b', 8),
      route: () => way,
      waitMs: 50,
      settleMs: 7,
    });
  const back = barrierOf().untilTargetHas(null, signal);
  way = told;
  await expect(back).rejects.toThrow("b did not apply the source's position");

  way = out;
  const vain = barrierOf();
  await vain.untilTargetHas(null, signal);
  const again = vain.untilTargetHas(null, signal);
  way = told;
  await again;
  await vain.sourcePosition(signal);
  way = out;
  const more = vain.untilTargetHas(null, signal);
  way = told;
  await expect(more).rejects.toThrow("b did not apply the source's position");
});

test('a member that is found out while its position is asked for is waited for, and then said to be out', async () => {
  let way = told;
  const barrier = new ReplicationBarrier({
    source: galera('a', 9),
    target: galera('b', 9),
    route: () => way,
    waitMs: 50,
    settleMs: 7,
  });
  const position = await barrier.sourcePosition(signal);
  const meanwhile = barrier.targetPosition(signal);
  way = out;
  setImmediate(() => (way = told));
  expect(await meanwhile).toMatchObject({ seqno: 9n });
  const asked = barrier.sourcePosition(signal);
  way = out;
  await expect(asked).rejects.toThrow(/^b: it is cut off$/);
  await expect(barrier.untilTargetHas(position, signal)).rejects.toThrow('within 0 s: b: it is cut off');
  await expect(barrier.untilSourceHas(position, signal)).rejects.toThrow(/^b: it is cut off$/);
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
