import { expect, test } from 'vitest';
import { groups } from '../../src/alerts/rules/groups.ts';
import { readOnlyChanged } from '../../src/alerts/rules/read-only-changed.ts';
import type { GroupMember, GroupState } from '../../src/model/group.ts';
import { pairConfig } from '../support/config.ts';

const at = new Date('2026-03-01T12:00:00Z');

function member(server: string, more: Partial<GroupMember> = {}): GroupMember {
  return {
    server,
    state: 'in-group',
    evidence: 'it has the view 7',
    since: at,
    role: null,
    view: '7',
    viewSize: 3,
    lagMs: 0,
    behind: 0,
    queue: 0,
    flowControl: null,
    holdsBack: false,
    ...more,
  };
}

function group(members: GroupMember[], more: Partial<GroupState> = {}): GroupState {
  return {
    id: 'galera shop n1',
    kind: 'galera',
    name: 'shop',
    state: 'whole',
    evidence: 'cluster shop has all its 3 members',
    since: at,
    size: 3,
    largest: 3,
    primary: null,
    unwatched: [],
    members,
    ...more,
  };
}

const raised = (state: GroupState) =>
  groups(state)
    .filter(({ status }) => status === 'true')
    .map(({ fingerprint, severity }) => `${fingerprint} ${severity}`);

test('of a whole cluster nothing is raised', () => {
  expect(
    raised(group([member('n1'), member('n2', { state: 'joining' }), member('n3', { state: 'donor' })])),
  ).toEqual([]);
});

test('a member that is lost is critical, and a cluster that is smaller than it was a warning, once', () => {
  const members = [
    member('n1'),
    member('n2', { state: 'not-in-group' }),
    member('n3', { state: 'no-quorum' }),
  ];
  expect(raised(group(members, { state: 'degraded', size: 1 }))).toEqual([
    'group-degraded server=n1 WARNING',
    'group-member-lost server=n2 CRITICAL',
    'group-member-lost server=n3 CRITICAL',
  ]);
});

test('a split is critical, and what is not known raises nothing and ends nothing', () => {
  expect(raised(group([member('n1')], { state: 'split' }))).toEqual(['group-split server=n1 CRITICAL']);
  const unknown = groups(group([member('n1', { state: 'unknown' })], { state: 'unknown' }));
  expect(unknown.map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown']);
});

test('flow control is told of the member that the others wait for, and goes on while they do', () => {
  const held = { flowControl: 0.43 };
  const state = group([member('n1', held), member('n2', { ...held, holdsBack: true })]);
  expect(raised(state)).toEqual(['flow-control server=n2 WARNING']);
  const [evidence] = groups(state).flatMap(({ status, evidence }) => (status === 'true' ? evidence : []));
  expect(evidence).toContain('43 %');
  const over = groups(group([member('n2', { flowControl: 0.02, holdsBack: true })]));
  expect(over.find(({ rule }) => rule === 'flow-control')).toMatchObject({ status: 'false' });
});

test('the role of a member of Group Replication is nothing that somebody changed', () => {
  const config = pairConfig([], { source: 'n1', target: 'n2' });
  const server = { name: 'n2', connection: 'connected', readOnly: false, readOnlyChanged: at };
  const pair = { config } as Parameters<typeof readOnlyChanged>[0];
  const servers = [server] as Parameters<typeof readOnlyChanged>[1];
  const ruled = (kind: GroupState['kind']) =>
    readOnlyChanged(pair, servers, { groups: [group([member('n2')], { kind })] }).map(({ status }) => status);
  expect(ruled('group-replication')).toEqual([]);
  expect(ruled('galera')).toEqual(['true']);
});

test('a member holds its cluster back from a tenth of the time on, and goes on to while it is held so', () => {
  const of = (flowControl: number, holdsBack: boolean) =>
    groups(group([member('n2', { flowControl, holdsBack })])).find(({ rule }) => rule === 'flow-control');
  expect(of(0.1, true)).toMatchObject({
    status: 'true',
    keeps: 'WARNING',
    evidence:
      'n2: flow control held it back for 10 % of the last seconds; it is the one that the others wait for',
  });
  expect(of(0.1, false)).toMatchObject({
    status: 'false',
    keeps: 'WARNING',
    evidence: 'n2: flow control held it back for 10 % of the last seconds',
  });
  expect(of(0.099, true)?.status).toBe('false');
  expect(of(0.099, true)).not.toHaveProperty('keeps');
});

test('a cluster that is whole has no lost member, one that is split has not only lost some, and is told whole after', () => {
  const statuses = (state: GroupState['state']) =>
    groups(group([member('n1')], { state })).map(({ rule, status }) => `${rule} ${status}`);
  expect(statuses('whole').slice(0, 2)).toEqual(['group-degraded false', 'group-split false']);
  expect(statuses('degraded').slice(0, 2)).toEqual(['group-degraded true', 'group-split false']);
  expect(statuses('split').slice(0, 2)).toEqual(['group-degraded unknown', 'group-split true']);
  expect(statuses('unknown').slice(0, 2)).toEqual(['group-degraded unknown', 'group-split unknown']);
});
