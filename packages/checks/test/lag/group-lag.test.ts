import { expect, test } from 'vitest';
import { attribute } from '../../src/lag/attribution.ts';
import { findAlone } from '../../src/lag/errant.ts';
import { GroupLag } from '../../src/lag/group-lag.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import type { Membership } from '../../src/position/membership.ts';
import type { Position } from '../../src/position/position.ts';
import type { Clock } from '../../src/time/clock.ts';

const clock: Clock = { now: () => 0, wall: () => new Date(0) };
const uuid = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const own = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';

function seqno(number: number, group = 'g'): Position {
  return { kind: 'galera', text: `${group}:${number}`, group, seqno: BigInt(number) };
}

function gtids(last: number): Position {
  return { kind: 'mysql-gtid', text: `${uuid}:1-${last}` };
}

function at(ms: number, position: Position, received: Position | null = null): PositionSample {
  const membership = { position, received } as Membership;
  return { sentAt: ms, receivedAt: ms + 10, membership } as PositionSample;
}

test('a member lags behind whichever of the others is furthest', () => {
  const lag = new GroupLag({ clock, staleMs: 1000 });
  lag.record('n1', at(0, seqno(5)));
  lag.record('n3', at(0, seqno(5)));
  lag.record('n3', at(250, seqno(9)));
  lag.record('n1', at(2000, seqno(5)));
  lag.record('n3', at(2000, seqno(9)));
  const sample = at(2100, seqno(5));
  lag.record('n2', sample);
  expect(lag.measure(sample, ['n1', 'n2'])).toMatchObject({ holder: null, behind: 0, range: { lagMs: 0 } });
  expect(lag.measure(sample, ['n1', 'n2', 'n3'])).toMatchObject({
    holder: 'n3',
    behind: 4,
    range: { lagMs: 2100 - 260, atMostMs: 2110 - 0 },
  });
});

test('whom nobody has asked for a while says nothing of now, and another history nothing at all', () => {
  const lag = new GroupLag({ clock, staleMs: 1000 });
  lag.record('n1', at(0, seqno(9)));
  expect(lag.measure(at(2000, seqno(5)), ['n1'])).toBeNull();
  lag.record('n4', at(2000, seqno(9, 'other')));
  expect(lag.measure(at(2100, seqno(5)), ['n4'])).toMatchObject({ behind: null });
});

test('what a member has received and not applied is missing, though no other member is watched', () => {
  const lag = new GroupLag({ clock, staleMs: 1000 });
  lag.record('m2', at(0, gtids(5), gtids(5)));
  lag.record('m2', at(250, gtids(5), gtids(8)));
  const sample = at(1000, gtids(5), gtids(8));
  lag.record('m2', sample);
  expect(lag.measure(sample, ['m2'])).toMatchObject({ holder: 'm2', behind: 3, range: { lagMs: 740 } });
});

test('where a member has it, it waits for its applier; else it has not arrived', () => {
  const input = { lagMs: 900, missing: gtids(8), applied: gtids(5), channel: null };
  expect(attribute({ ...input, queue: { position: gtids(8), length: 3 } })).toBe('applier');
  expect(attribute({ ...input, queue: { position: gtids(6), length: 0 } })).toBe('link');
  const galera = { ...input, missing: seqno(9), applied: seqno(5) };
  expect(attribute({ ...galera, queue: { position: null, length: 4 } })).toBe('applier');
  expect(attribute({ ...galera, queue: { position: null, length: 0 } })).toBe('link');
  expect(attribute({ ...galera, queue: { position: null, length: null } })).toBe('unknown');
});

test('only what a member wrote alone is errant between members', () => {
  const gr = { cluster: 'group-replication', uuid: own } as const;
  expect(findAlone(`${uuid}:1-9`, [`${uuid}:1-5`], gr)).toEqual({ text: '', count: 0 });
  expect(findAlone(`${uuid}:1-9,${own}:1-4`, [`${uuid}:1-5,${own}:1-2`, `${own}:4`], gr)).toEqual({
    text: `${own}:3`,
    count: 1,
  });
  const galera = { cluster: 'galera', uuid: '', wsrepGtid: { cluster: '7', alone: '12' } } as const;
  expect(findAlone('7-1-9,12-2-3', ['7-1-5'], galera)).toEqual({ text: '12-2-3', count: null });
  expect(findAlone('7-1-9,12-2-3', ['7-1-5', '12-2-3'], galera)).toEqual({ text: '', count: 0 });
  expect(findAlone('7-1-9', [], { ...galera, wsrepGtid: null })).toBeNull();
  expect(findAlone('0-1-9', [], { ...galera, wsrepGtid: { cluster: '0', alone: '0' } })).toBeNull();
  // One that came back without a full copy numbers there what its cluster commits.
  expect(
    findAlone('0-2-9,7-1-3', ['7-1-9'], { ...galera, wsrepGtid: { cluster: '7', alone: '0' } }),
  ).toBeNull();
});

test('what one member lacks by any of the others it lacks, and what it may lack by one is no less by another', () => {
  // n1 is watched since before the change, n2 since it: of what it lacks of n2 no bound is known.
  const lag = new GroupLag({ clock, staleMs: 1000 });
  lag.record('n1', at(0, seqno(5)));
  lag.record('n1', at(500, seqno(8)));
  lag.record('n2', at(800, seqno(7)));
  const sample = at(1000, seqno(5));
  const oldest = { lagMs: 1000 - 510, atMostMs: null };
  for (const peers of [
    ['n1', 'n2'],
    ['n2', 'n1'],
  ]) {
    expect(lag.measure(sample, peers)).toMatchObject({ holder: 'n1', behind: 3, range: oldest });
  }
  // What is missing outweighs that nothing is, whoever is asked first.
  lag.record('n3', at(900, seqno(5)));
  for (const peers of [
    ['n3', 'n1'],
    ['n1', 'n3'],
  ]) {
    expect(lag.measure(sample, peers)).toMatchObject({ holder: 'n1', range: { atMostMs: 1010 } });
  }
});

test('how many changes are missing is unknown where one of the others has another history', () => {
  const lag = new GroupLag({ clock, staleMs: 1000 });
  lag.record('n1', at(0, seqno(5)));
  lag.record('n1', at(500, seqno(8)));
  lag.record('n4', at(800, seqno(9, 'other')));
  for (const peers of [
    ['n1', 'n4'],
    ['n4', 'n1'],
  ]) {
    expect(lag.measure(at(1000, seqno(5)), peers)).toMatchObject({ behind: null });
  }
});

test('a member that takes no part has no lag and is nobody’s measure, nor is one that is forgotten', () => {
  const lag = new GroupLag({ clock, staleMs: 1000 });
  const outside = { sentAt: 0, receivedAt: 10 } as PositionSample;
  lag.record('n1', outside);
  expect(lag.lastSentAt('n1')).toBeNull();
  expect(lag.measure(outside, ['n1'])).toBeNull();
  lag.record('n1', at(0, seqno(5)));
  expect(lag.lastSentAt('n1')).toBe(0);
  expect(lag.measure(at(990, seqno(5)), ['n1', 'n2'])).toMatchObject({ holder: null });
  lag.forget('n1');
  expect(lag.lastSentAt('n1')).toBeNull();
  expect(lag.measure(at(100, seqno(5)), ['n1'])).toBeNull();
});

test('who was asked just within the time says something of now', () => {
  const lag = new GroupLag({ clock, staleMs: 1000 });
  lag.record('n1', at(0, seqno(9)));
  expect(lag.measure(at(990, seqno(9)), ['n1'])).toMatchObject({ holder: null });
  expect(lag.measure(at(991, seqno(9)), ['n1'])).toBeNull();
});

test('what members had before the machine was suspended has no age', () => {
  let slept = 0;
  const lag = new GroupLag({ clock: { now: () => 0, wall: () => new Date(slept) }, staleMs: 1000 });
  lag.record('n1', at(0, seqno(5)));
  lag.record('n1', at(200, seqno(9)));
  slept = 3_600_000;
  lag.record('n2', at(300, seqno(5)));
  expect(lag.lastSentAt('n1')).toBeNull();
});
