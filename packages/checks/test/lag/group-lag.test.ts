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
});
