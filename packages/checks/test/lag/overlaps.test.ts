import { expect, test } from 'vitest';
import { Overlaps } from '../../src/lag/overlaps.ts';
import type { Position } from '../../src/position/position.ts';
import { channel } from '../support/replication.ts';

const source: Position = { kind: 'mariadb-gtid', text: '2-2-9', state: '2-2-9' };
const own = (receivedGtid: string) => channel({ name: 'own', receivedGtid });
const other = (receivedGtid: string, but: object = {}) => channel({ name: 'other', receivedGtid, ...but });

/** What each reading shows: of the pair's own channel, and of the other. */
function may(...readings: [ReturnType<typeof own>, ReturnType<typeof other>][]): boolean {
  const overlaps = new Overlaps();
  for (const [mine, besides] of readings) overlaps.read(mine, [mine, besides], source);
  return overlaps.may('other');
}

test('a channel may bring what the source writes until it was seen not to get what the own one got', () => {
  const at = (sequence: number) =>
    [own(`2-2-${sequence}`), other('1-1-5,2-2-1')] as ReturnType<typeof reading>;
  expect(may()).toBe(true);
  expect(may(at(1), at(1), at(1), at(1), at(1))).toBe(true);
  expect(may(at(1), at(2), at(3))).toBe(true);
  expect(may(at(1), at(2), at(2), at(2))).toBe(false);
  const late = reading('2-2-2', '1-1-5,2-2-2');
  expect(may(at(1), at(2), at(2), at(2), late)).toBe(true);
  expect(may(at(1), at(2), late, late, late, late)).toBe(true);
});

test('what it gets of others tells nothing of that, nor does what it does not get while it does not run', () => {
  const of = (sequence: number) => reading(`2-2-${sequence}`, `1-1-${sequence},2-2-1`);
  expect(may(of(1), of(2), of(3), of(4))).toBe(false);
  const stopped = (sequence: number) =>
    [own(`2-2-${sequence}`), other('2-2-1', { receiver: 'stopped' })] as ReturnType<typeof reading>;
  expect(may(stopped(1), stopped(2), stopped(3), stopped(4))).toBe(true);
});

test('nothing is kept of a channel that was gone, of other servers, or without a channel or position', () => {
  const overlaps = new Overlaps();
  const quiet = () => {
    for (const sequence of [1, 2, 3, 4]) {
      const mine = own(`2-2-${sequence}`);
      overlaps.read(mine, [mine, other('2-2-1')], source);
    }
    expect(overlaps.may('other')).toBe(false);
  };
  quiet();
  overlaps.read(own('2-2-5'), [own('2-2-5')], source);
  expect(overlaps.may('other')).toBe(true);
  quiet();
  overlaps.read(null, [other('2-2-1')], source);
  expect(overlaps.may('other')).toBe(true);
  quiet();
  overlaps.read(own('2-2-5'), [own('2-2-5'), other('2-2-1')], null);
  expect(overlaps.may('other')).toBe(true);
  quiet();
  const mysql = own('00000000-0000-0000-0000-000000000001:1-5');
  overlaps.read(mysql, [mysql, { ...mysql, name: 'other' }], { kind: 'mysql-gtid', text: '' });
  expect(overlaps.may('other')).toBe(true);
  quiet();
  overlaps.reset();
  expect(overlaps.may('other')).toBe(true);
});

function reading(mine: string, besides: string): [ReturnType<typeof own>, ReturnType<typeof other>] {
  return [own(mine), other(besides)];
}
