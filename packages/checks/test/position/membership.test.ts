import { expect, test } from 'vitest';
import { galeraMember, memberFrom } from '../../src/position/membership.ts';
import { galeraSays as says } from '../support/galera-says.ts';

test('a node that the others voted out has left, also while it says that it is in the primary component', () => {
  const out = says({ local_state_comment: 'Inconsistent' });
  expect(out).toMatchObject({ standing: 'left', position: null, view: null, queue: null });
  expect(out.outside).toBe('it has left its cluster (wsrep_cluster_status Primary, Inconsistent)');
  expect(says({})).toMatchObject({ standing: 'in', outside: null, position: { seqno: 17n } });
});

test('a node without wsrep_on is said to be without it, though it gets what its cluster commits', () => {
  // It prints none of the three then.
  const off = says({ local_state: '', local_state_comment: '', last_committed: '' });
  expect(off).toMatchObject({ standing: 'left', position: null });
  expect(off.outside).toBe('wsrep_on is OFF there, so that what is written on it stays on it');
  for (const unready of [says({ local_state: '', ready: 'OFF' }), galeraMember([])]) {
    expect(unready).toMatchObject({ standing: 'no-quorum', position: null });
  }
});

test('members that do not say where they are reached are not named', () => {
  const of = (incoming_addresses: string) => says({ incoming_addresses }).view;
  expect(of('AUTO,AUTO,AUTO')).toMatchObject({ size: 3, members: [] });
  expect(of('10.0.0.1:3306,,10.0.0.3:0')).toMatchObject({ size: 3, members: ['10.0.0.1:3306'] });
});

test('a node that gives or takes a state transfer says so, and one that takes it has no position', () => {
  const donor = says({ local_state: '2', local_state_comment: 'Donor/Desynced' });
  expect(donor).toMatchObject({ standing: 'donor', outside: null, position: { seqno: 17n } });
  expect(donor.busy).toBe('it is a donor or desynced (Donor/Desynced)');
  for (const [state, comment] of [
    ['1', 'Joining'],
    ['3', 'Joined'],
  ] as const) {
    const joins = says({ local_state: state, local_state_comment: comment, ready: 'OFF' });
    expect(joins).toMatchObject({ standing: 'joining', position: null, queue: null });
    expect(joins.outside).toBe(`it is joining its cluster (wsrep_cluster_status Primary, ${comment})`);
    expect(joins.busy).toBe(`it is joining (${comment})`);
  }
  expect(says({}).busy).toBeNull();
});

test('a node that was a donor catches up without having left: it is ready all the time', () => {
  const back = says({ local_state: '3', local_state_comment: 'Joined' });
  expect(back).toMatchObject({ standing: 'in', outside: null, position: { seqno: 17n } });
  expect(back.busy).toBe('it catches up after it was a donor or desynced (Joined)');
});

test('a node without a quorum, or with a state that nobody knows, is not in the primary component', () => {
  const why = (status: string, comment: string) =>
    `it is not in the primary component of its cluster (wsrep_cluster_status ${status}, ${comment})`;
  const cut = says({ cluster_status: 'non-Primary', ready: 'OFF', local_state_comment: 'Initialized' });
  expect(cut).toMatchObject({ standing: 'no-quorum', position: null, view: null });
  expect(cut.outside).toBe(why('non-Primary', 'Initialized'));
  expect(says({ cluster_status: 'non-Primary' })).toMatchObject({ standing: 'no-quorum', position: null });
  expect(says({ ready: 'OFF' })).toMatchObject({ standing: 'no-quorum', outside: why('Primary', 'Synced') });
  expect(says({ ready: 'OFF' }).busy).toBe('it is not ready (Synced)');
  expect(says({ cluster_status: 'non-Primary' }).busy).toBeNull();
  expect(says({ last_committed: '-1' })).toMatchObject({ standing: 'no-quorum', position: null });
  expect(says({ local_state: '7' })).toMatchObject({ standing: 'no-quorum' });
  const gone = says({ cluster_status: 'Disconnected', ready: 'OFF', local_state_comment: 'Initialized' });
  expect(gone).toMatchObject({ standing: 'left', view: null });
});

test('a node tells its queue and how flow control holds it back, where it tells them', () => {
  const told = says({
    local_recv_queue: '12',
    flow_control_paused_ns: '9007199254740993',
    flow_control_active: 'true',
    flow_control_requested: 'false',
  });
  expect(told.queue).toBe(12);
  expect(told.flowControl).toMatchObject({ active: true, requested: false });
  expect(says({})).toMatchObject({
    queue: null,
    flowControl: { pausedNs: 0n, active: false, requested: false },
  });
  expect(says({ flow_control_active: 'ON', flow_control_requested: '1' }).flowControl).toMatchObject({
    active: true,
    requested: true,
  });
  expect(says({ cluster_conf_id: '18446744073709551615' }).view?.number).toBe(18446744073709551615n);
  expect(says({ cluster_conf_id: '-1' }).view).toBeNull();
  expect(says({ cluster_size: '0' }).view).toBeNull();
});

test('the address of a Galera node is the one that it names itself by, where it is one', () => {
  const of = (ownAddress: string | null) =>
    memberFrom({ cluster: 'galera', uuid: '', ownAddress }, []).address;
  expect(of('10.0.0.1:3306')).toBe('10.0.0.1:3306');
  for (const none of [null, 'AUTO', '10.0.0.1:0', '10.0.0.1', '[fe80::1]:0']) expect(of(none)).toBeNull();
});

const uuid = 'aaaaaaaa-0000-0000-0000-000000000000';
const other = 'bbbbbbbb-0000-0000-0000-000000000000';
const applier = {
  channel: 'group_replication_applier',
  group_name: 'g',
  state: 'ON',
  executed: `${uuid}:1-9,\n${other}:1-2`,
  received: `${uuid}:1-10`,
};
const peer = (id: string, state = 'ONLINE', but = {}) => ({
  id,
  host: 'h',
  port: Number(id.charCodeAt(0)),
  state,
  role: 'SECONDARY',
  view: '17000:3',
  queue: 4,
  ...but,
});
const inGroup = (rows: object[], peers: object[] | null) =>
  memberFrom({ cluster: 'group-replication', uuid, ownAddress: null }, rows as never, peers as never);

test('a member of a group says how far it is, what it has received, and who is in its view', () => {
  expect(inGroup([applier], [peer(uuid, 'ONLINE', { role: 'PRIMARY' }), peer(other)])).toEqual({
    kind: 'group-replication',
    address: 'h:97',
    group: 'g',
    standing: 'in',
    outside: null,
    busy: null,
    position: { kind: 'mysql-gtid', text: `${uuid}:1-9,${other}:1-2` },
    received: { kind: 'mysql-gtid', text: `${uuid}:1-10,${other}:1-2` },
    view: { lineage: '17000', number: 3n, size: 2, members: ['h:97', 'h:98'] },
    role: 'primary',
    queue: 4,
    flowControl: null,
  });
  expect(inGroup([{ ...applier, received: `${uuid}:3` }], null)).toMatchObject({
    standing: 'in',
    received: { text: `${uuid}:1-9,${other}:1-2` },
    address: null,
    view: null,
    role: null,
    queue: null,
  });
});

test('what a member commits may be seen there before it is counted', () => {
  const commits = inGroup([{ ...applier, owned: `${uuid}:11#7:12#8` }], null);
  expect(commits.position).toEqual({ kind: 'mysql-gtid', text: `${uuid}:1-9,${other}:1-2` });
  expect(commits.shown).toMatchObject({ text: `${uuid}:1-9:11-12,${other}:1-2` });
  expect(inGroup([{ ...applier, owned: '' }], null).shown).toBeUndefined();
  expect(inGroup([{ ...applier, owned: `${uuid}:11#7`, state: 'OFF' }], null).shown).toBeUndefined();
});

test('a member whose applier does not run, or that is in error, has left its group', () => {
  const off = inGroup([{ ...applier, state: 'OFF' }], null);
  expect(off).toMatchObject({ standing: 'left', position: null, received: null });
  expect(off.outside).toBe('it has left its group (its group_replication_applier is OFF)');
  expect(inGroup([], null)).toMatchObject({ standing: 'left', group: '' });
  for (const state of ['ERROR', 'OFFLINE']) {
    const own = inGroup([applier], [peer(uuid, state), peer(other)]);
    expect(own).toMatchObject({ standing: 'left', queue: null });
    expect(own.outside).toBe(`it has left its group (its group_replication_applier is ON, it is ${state})`);
  }
});

test('a member that recovers is joining, by its own word or by its channel', () => {
  const joins = { standing: 'joining', outside: null, busy: 'it is joining its group (RECOVERING)' };
  expect(inGroup([applier], [peer(uuid, 'RECOVERING'), peer(other)])).toMatchObject(joins);
  const recovery = (state: string) => [applier, { channel: 'group_replication_recovery', state }];
  expect(inGroup(recovery('CONNECTING'), null)).toMatchObject(joins);
  expect(inGroup(recovery('OFF'), null)).toMatchObject({ standing: 'in', busy: null });
  expect(inGroup(recovery(''), null)).toMatchObject({ standing: 'in' });
});

test('a member that sees half of its group or less is cut off from it', () => {
  const third = 'cccccccc-0000-0000-0000-000000000000';
  const cut = inGroup([applier], [peer(uuid), peer(other, 'UNREACHABLE'), peer(third, 'UNREACHABLE')]);
  expect(cut).toMatchObject({ standing: 'no-quorum', position: null, queue: null });
  expect(cut.outside).toBe(
    'it is cut off from the majority of its group: 2 of 3 members are UNREACHABLE to it',
  );
  expect(inGroup([applier], [peer(uuid), peer(other, 'UNREACHABLE')]).standing).toBe('no-quorum');
  expect(inGroup([applier], [peer(uuid), peer(other, 'UNREACHABLE'), peer(third)]).standing).toBe('in');
  expect(inGroup([applier], []).standing).toBe('in');
});

test('what a member does not tell of its view, role or queue is not made up', () => {
  const said = inGroup([applier], [peer(uuid, 'ONLINE', { view: null, role: '', queue: null })]);
  expect(said).toMatchObject({ view: null, role: null, queue: null });
  expect(inGroup([applier], [peer(uuid, 'ONLINE', { view: '17000:x' })]).view).toBeNull();
});

test('a member is known by its own row, and its applier has the last word of it', () => {
  const [first, own] = [peer(other, 'ONLINE'), peer(uuid, 'RECOVERING', { role: 'SECONDARY' })];
  expect(inGroup([applier], [first, own])).toMatchObject({ standing: 'joining', role: 'secondary' });
  const stopped = inGroup([{ ...applier, state: 'OFF' }], [first, peer(uuid)]);
  expect(stopped.standing).toBe('left');
});

test('views are counted beyond the tenth', () => {
  const at = (view: string) => inGroup([applier], [peer(uuid, 'ONLINE', { view })]).view;
  expect(at('17000:12')).toMatchObject({ lineage: '17000', number: 12n });
});
