import { expect, test } from 'vitest';
import { aheadOf } from '../../src/position/ahead-of.ts';
import { compareBinlogPlaces } from '../../src/position/binlog-place.ts';
import { leftOutBy } from '../../src/position/left-out.ts';
import { lostMariadbGtids } from '../../src/position/lost-history.ts';
import {
  formatMysqlGtidSet,
  parseMysqlGtidSet,
  unionMysqlGtidSet,
} from '../../src/position/mysql-gtid-set.ts';
import { numberedApart } from '../../src/position/numbered-apart.ts';
import { ownChannel } from '../../src/position/own-channel.ts';
import type { Position } from '../../src/position/position.ts';
import { Unparsable } from '../../src/position/unparsable.ts';
import { inFlightFrom } from '../../src/position/visible.ts';
import { channel, facts } from '../support/replication.ts';

const [a, b] = ['a', 'b'].map((digit) => `${digit.repeat(8)}-0000-0000-0000-000000000000`) as [
  string,
  string,
];

test('of what is being committed the threads that do it are left away', () => {
  expect(inFlightFrom({ owned: `${a}:7#12:8#105,\n${b}:1#9` })).toBe(`${a}:7:8,${b}:1`);
  expect(inFlightFrom({ owned: null })).toBe('');
  expect(inFlightFrom({})).toBe('');
  expect(inFlightFrom(undefined)).toBe('');
});

test('of several servers’ transactions that are being committed each is told from the next one’s, though nothing parts them', () => {
  const digits = '12345678-1234-1234-1234-123456789012';
  expect(inFlightFrom({ owned: `${a}:7#12:8#105${b}:1#9${digits}:backup:2#1` })).toBe(
    `${a}:7:8,${b}:1,${digits}:backup:2`,
  );
});

test('two sets together have what either has, joined where they meet', () => {
  const union = (one: string, other: string) =>
    formatMysqlGtidSet(unionMysqlGtidSet(parseMysqlGtidSet(one), parseMysqlGtidSet(other)));
  expect(union(`${a}:1-3`, `${a}:4-6,${b}:1`)).toBe(`${a}:1-6,${b}:1`);
  expect(union(`${a}:1-9`, `${a}:2-3`)).toBe(`${a}:1-9`);
  expect(union(`${a}:1-4`, `${a}:3-7:9`)).toBe(`${a}:1-7:9`);
  expect(union('', `${b}:1`)).toBe(`${b}:1`);
});

test('places in one file are apart by their offsets, those of one place are one', () => {
  const at = (offset: number) => ({ kind: 'file' as const, text: '', file: 'odd-name', offset });
  expect(compareBinlogPlaces(at(9), at(4))).toBe(5);
  expect(compareBinlogPlaces(at(4), at(4))).toBe(0);
});

test('what a source has of one writer does not stand for what another wrote', () => {
  const lost = (applied: string, state: string) =>
    lostMariadbGtids(applied, state, facts('mariadb', { serverId: '1' }));
  expect(lost('0-1-9', '0-1-3,0-2-20')).toBe('0-1-9');
  expect(lost('0-1-9', '0-1-9,0-2-2')).toBe('');
  expect(lost('0-1-9', '0-2-20')).toBe('0-1-9');
  expect(lost('0-2-30', '0-2-20')).toBe('');
  // It was reset, and wrote nothing since.
  expect(lost('0-1-9', '')).toBe('0-1-9');
});

test('a target is ahead of a source by one writer in one domain, whatever others have there', () => {
  const servers = {
    source: facts('mariadb', { serverId: '1', wsrepGtid: { cluster: '7', alone: '0' } }),
    target: facts('mariadb', { serverId: '2' }),
  };
  const ahead = (state: string, there: string) => {
    const list = (text: string): Position => ({ kind: 'mariadb-gtid', text });
    return aheadOf({ ...list(''), state } as Position, list(there), servers).others;
  };
  expect(ahead('0-3-1,0-4-90,5-3-90', '0-3-9')).toBe('0-3-9');
  expect(ahead('0-4-1,5-3-1', '0-3-9')).toBe('');
  // In the domain of a cluster the source's number is every node's.
  expect(ahead('7-1-3', '7-1-5')).toBe('7-1-5');
  expect(ahead('0-1-3', '0-1-5')).toBe('');
});

test('only of a node of Galera is it asked whether all nodes number alike', () => {
  expect(numberedApart(facts('mariadb'))).toBeNull();
  expect(numberedApart(facts('mariadb', { cluster: 'galera' }))).toMatch(
    /^each node .+ numbers its binlog by itself/,
  );
});

test('before a source was reached its channel is known by its address', () => {
  const source = { facts: null, host: '10.0.0.1', port: 3306 };
  const [own, other] = [
    channel({ name: 'x', sourceIdentity: '5' }),
    channel({ name: 'y', sourceHost: '10.0.0.2', sourceIdentity: '6' }),
  ];
  expect(ownChannel([other, own], source, null)).toEqual({ channel: own, direct: true, ambiguous: false });
});

test('another server that was not reached yet says nothing of whose a channel is', () => {
  const own = channel({ sourceHost: 'proxy', sourceIdentity: '9' });
  const source = { facts: facts('mariadb', { serverId: '9' }), host: '10.0.0.1', port: 3306 };
  const other = { facts: null, host: 'proxy', port: 3306 };
  expect(ownChannel([own], source, null, [other]).direct).toBe(true);
});

test('names with case are left out as they are written, and what a pattern escapes is meant', () => {
  const left = (name: string, value: string, fold?: boolean) =>
    leftOutBy({ filters: [{ name, value }] }, { schema: 'Shop', table: 'a_b' }, fold)?.value ?? null;
  expect(left('Replicate_Ignore_DB', 'shop')).toBeNull();
  expect(left('Replicate_Ignore_DB', 'shop', true)).toBe('shop');
  expect(left('Replicate_Wild_Ignore_Table', 'Shop.a\\_b')).toBe('Shop.a\\_b');
  expect(left('Replicate_Wild_Ignore_Table', 'Shop.a\\%b')).toBeNull();
  expect(left('Replicate_Wild_Ignore_Table', '')).toBeNull();
});

test('what others wrote counts where the source has of them with a tag alone', () => {
  const servers = { source: facts('mysql', { uuid: a }), target: facts('mysql', { uuid: 'c' }) };
  const set = (text: string): Position => ({ kind: 'mysql-gtid', text });
  expect(aheadOf(set(`${b}:night:1`), set(`${b}:night:1-3`), servers).others).toBe(`${b}:night:2-3`);
  expect(aheadOf(set(`${a}:night:1`), set(`${b}:night:1-3`), servers).others).toBe('');
});

test('of places in files of another name, or without a number, none comes first', () => {
  const at = (file: string, offset = 4) => ({ file, offset });
  expect(compareBinlogPlaces(at('b.000001', 9), at('b.000001', 4))).toBe(5);
  expect(compareBinlogPlaces(at('b.1', 9), at('b.000001', 4))).toBe(5);
  expect(compareBinlogPlaces(at('b.000002'), at('c.000001'))).toBeNull();
  expect(compareBinlogPlaces(at('b.x'), at('b.000001'))).toBeNull();
  expect(compareBinlogPlaces(at('b.000001'), at('b.x'))).toBeNull();
});

test('a text that is no position is told as far as a sentence can', () => {
  expect(new Unparsable('set', 'x'.repeat(300)).message).toBe(`not a set: ${'x'.repeat(200)}`);
});
