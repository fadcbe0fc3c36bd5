import { expect, test } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { isReadInAgain, mayBeReadIn, sourceLostHistory } from '../../src/lag/source-loss.ts';
import type { Position } from '../../src/position/position.ts';
import { facts } from '../support/replication.ts';

const at = (text: string, own = ''): Position => ({ kind: 'mariadb-gtid', text, own });
const source = (history: string, applied = ''): PositionSample['gtid'] => ({
  source: at(history),
  applied: at(applied),
  history,
});
const one = facts('mariadb', { serverId: '1' });

test('a target that has more of another writer than a source which nobody sends anything had it read in', () => {
  expect(isReadInAgain(at('0-4711-900'), source('0-1-3,0-4711-700'), one)).toBe(true);
  expect(isReadInAgain(at('0-4711-700'), source('0-1-3,0-4711-700'), one)).toBe(false);
  expect(isReadInAgain(at('0-1-900'), source('0-1-3,0-4711-700'), one)).toBe(false);
  expect(isReadInAgain(at('0-4711-900'), source('0-1-3'), one)).toBe(false);
});

test('only what has several channels, and a source on MariaDB that was asked, leaves that open', () => {
  const asked = { gtid: source('0-1-3,0-4711-700') } as PositionSample;
  const applied = at('0-4711-900');
  expect(mayBeReadIn(applied, asked, one, 2)).toBe(true);
  expect(mayBeReadIn(applied, asked, one, 1)).toBe(false);
  expect(mayBeReadIn(applied, null, one, 2)).toBe(false);
  expect(mayBeReadIn(applied, asked, null, 2)).toBe(false);
  expect(mayBeReadIn(applied, asked, { ...one, flavour: 'mysql' }, 2)).toBe(false);
  expect(mayBeReadIn(at('0-4711-700'), asked, one, 2)).toBe(false);
});

test('what is sent to a source in a domain is not read in there, but in another one it is', () => {
  expect(isReadInAgain(at('0-7-9'), source('0-7-3,1-7-3', '0-7-3'), one)).toBe(false);
  expect(isReadInAgain(at('0-7-9,1-7-9'), source('0-7-3,1-7-3', '0-7-3'), one)).toBe(true);
});

test('what the target writes itself, and a cluster’s nodes for each other, is not read in', () => {
  expect(isReadInAgain(at('0-7-9', '0-7-9'), source('0-7-3'), one)).toBe(false);
  expect(isReadInAgain(at('0-7-9'), source('0-7-3'), { ...one, cluster: 'galera' })).toBe(false);
  expect(isReadInAgain({ kind: 'mysql-gtid', text: '' }, source('0-7-3'), one)).toBe(false);
});

test('by file a source lost what a target applied behind the end of its binlog, of which both must be told', () => {
  const place = (offset: number): Position => ({ kind: 'file', text: `b:${offset}`, file: 'b', offset });
  const lost = (applied: number | null, written: number | null) => {
    const target = { places: applied === null ? null : new Map([['', place(applied)]]) };
    const binlog = written === null ? null : { position: place(written) };
    const samples = [target, { binlog }] as unknown as [PositionSample, PositionSample];
    return sourceLostHistory(...samples, one, 'file', { channel: null });
  };
  expect(lost(9, 8)).toBe(true);
  expect(lost(8, 8)).toBe(false);
  expect(lost(null, 8)).toBe(false);
  expect(lost(8, null)).toBe(false);
});

test('a cluster’s numbers lose nothing: a member may be behind the others', () => {
  const number = (seqno: bigint) =>
    ({ membership: { position: { kind: 'galera', text: '', group: 'g', seqno } } }) as PositionSample;
  expect(sourceLostHistory(number(9n), number(3n), one, 'galera', { channel: null })).toBe(false);
});
