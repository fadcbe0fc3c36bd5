import { expect, test } from 'vitest';
import { knownRoute } from '../../src/lag/known-route.ts';
import type { ReplicationMonitor } from '../../src/lag/replication-monitor.ts';
import { channel } from '../support/replication.ts';

const own = channel({
  name: 'own',
  intendedDelayMs: 60_000,
  serverLagMs: 4000,
  filters: [{ name: 'Replicate_Ignore_DB', value: 'Scratch' }],
});
const method = { kind: 'mariadb-gtid', evidence: 'by GTID' };
const untold = { kind: null, evidence: 'nothing tells' };
const known = (route: object | null, but: object = {}) =>
  knownRoute({
    route,
    stopped: null,
    targetFolds: false,
    status: null,
    ...but,
  } as unknown as ReplicationMonitor);

test('what was not read yet, or is not decided yet, is no route', () => {
  expect(known(null)).toBeNull();
  expect(known({ method: { ...untold, pending: true }, channel: null })).toBeNull();
});

test('a route tells what its channel tells, and what stops it', () => {
  expect(known({ method, channel: own }, { stopped: 'the applier is stopped' })).toMatchObject({
    kind: 'mariadb-gtid',
    channel: 'own',
    evidence: 'by GTID',
    group: false,
    throughCluster: false,
    unproved: null,
    intendedDelayMs: 60_000,
    serverLagMs: 4000,
    stopped: 'the applier is stopped',
    sameStorage: null,
  });
  expect(known({ method, channel: null })).toMatchObject({
    channel: '',
    intendedDelayMs: 0,
    serverLagMs: null,
  });
  expect(known({ method, channel: null }, { status: { sameStorage: 'one storage' } })?.sameStorage).toBe(
    'one storage',
  );
});

test('where positions do not tell, nobody can know that a change has come; without replication none comes', () => {
  const unproved = (but: object, status: object | null = null) =>
    known({ method: untold, channel: null, ...but }, { status })?.unproved;
  expect(unproved({})).toBeNull();
  expect(unproved({}, { channels: [] })).toBeNull();
  expect(unproved({}, { channels: null })).toBeNull();
  expect(unproved({}, { channels: [own] })).toBe('nothing tells');
  expect(unproved({ channel: own })).toBe('nothing tells');
  expect(unproved({ blind: true })).toBe('nothing tells');
  expect(unproved({ group: true })).toBe('nothing tells');
  expect(unproved({ throughCluster: true })).toBe('nothing tells');
  expect(unproved({ group: true, method })).toBeNull();
});

test('where replication has vanished nobody knows what is still to come', () => {
  const unproved = (but: object) => known({ method: untold, channel: null }, but)?.unproved;
  expect(unproved({ hasVanished: true })).toBe('replication was configured and is not any more');
  expect(unproved({ hasVanished: false })).toBeNull();
});

test('the filter that leaves a table out is named; names fold as on the target', () => {
  const leaves = (targetFolds: boolean, schema: string, of: object | null = own) =>
    known({ method, channel: of }, { targetFolds })?.leavesOut?.({ schema, table: 't' });
  expect(leaves(false, 'Scratch')).toBe('Replicate_Ignore_DB=Scratch');
  expect(leaves(false, 'scratch')).toBeNull();
  expect(leaves(true, 'scratch')).toBe('Replicate_Ignore_DB=Scratch');
  expect(leaves(true, 'scratch', null)).toBeNull();
});

test('only what comes by the route is waited for', () => {
  const ignoring = { ...own, filters: [{ name: 'Replicate_Ignore_Domain_Ids', value: '5' }] };
  const position = { kind: 'mariadb-gtid', text: '0-1-9,5-1-3' } as const;
  expect(known({ method, channel: ignoring })?.replicated(position).text).toBe('0-1-9');
  expect(known({ method, channel: null })?.replicated(position)).toBe(position);
  expect(known({ method, channel: null, alone: '5' })?.replicated(position).text).toBe('0-1-9');
});
