import { expect, test } from 'vitest';
import { isForeign } from '../../src/position/contains.ts';
import { groupMethod, type GroupSide } from '../../src/position/group-method.ts';
import { gtidsAlone } from '../../src/position/gtids-alone.ts';
import type { Position } from '../../src/position/position.ts';
import { facts } from '../support/replication.ts';

const [a, b] = ['a', 'b'].map((digit) => `${digit.repeat(8)}-0000-0000-0000-000000000000`) as [
  string,
  string,
];
const mysql = facts('mysql', { uuid: a });
const mariadb = facts('mariadb');
const set = (text: string): Position => ({ kind: 'mysql-gtid', text });
const list = (text: string, state?: string): Position => ({
  kind: 'mariadb-gtid',
  text,
  ...(state !== undefined && { state }),
});
const place: Position = { kind: 'file', text: 'binlog.000001:4', file: 'binlog.000001', offset: 4 };

const ofSets = (source: Position, target: Position, sourceFacts = mysql, targetFacts = mysql) =>
  gtidsAlone({ facts: sourceFacts, position: source }, { facts: targetFacts, position: target }, false);
const ofLists = (source: Position, target: Position, twins = false, sourceFacts = mariadb) =>
  gtidsAlone({ facts: sourceFacts, position: source }, { facts: mariadb, position: target }, twins);

test('without a channel GTID sets tell, where the target has the source’s own from its beginning', () => {
  const told = { kind: 'mysql-gtid', evidence: 'GTID sets, without the replication status' };
  const untold = {
    kind: null,
    evidence: "the target's GTID set does not hold the source's from its beginning",
  };
  expect(ofSets(set(`${a}:1-9,${b}:5-7`), set(`${a}:1-3`))).toEqual(told);
  expect(ofSets(set(`${a}:4-9`), set(`${a}:2-3`))).toEqual(told);
  expect(ofSets(set(`${a}:1-9`), set(`${a}:2-9`))).toEqual(untold);
  expect(ofSets(set(`${a}:1-9`), set(`${b}:1-9`))).toEqual(untold);
  expect(ofSets(set(`${a}:1-9,${a}:night:1-2`), set(`${a}:1-9`))).toEqual(untold);
  expect(ofSets(set(''), set(`${a}:1-9`))).toEqual(untold);
  expect(ofSets(set(`${a}:1-9`), place)).toEqual(untold);
  expect(ofSets(place, set(`${a}:1-9`))).toEqual(untold);
});

test('of a source that wrote nothing itself, all that it has of others must be there from the beginning', () => {
  expect(ofSets(set(`${b}:1-9`), set(`${b}:1-9`)).kind).toBe('mysql-gtid');
  expect(ofSets(set(`${b}:1-9,${b}:night:1`), set(`${b}:1-9`)).kind).toBeNull();
});

test('without GTIDs on both sides nothing but the status tells', () => {
  const evidence = 'without GTIDs on both sides only the replication status tells what the target has';
  const [one, off] = [set(`${a}:1`), { ...mysql, gtidMode: false }];
  expect(ofSets(one, one, off)).toEqual({ kind: null, evidence });
  expect(ofSets(one, one, mysql, off)).toEqual({ kind: null, evidence });
  expect(ofSets(one, one, mysql, mariadb)).toEqual({ kind: null, evidence });
});

test('on MariaDB a domain that both have tells, unless writers cannot be told apart', () => {
  expect(ofLists(list('0-1-9,5-1-2'), list('0-1-3'))).toEqual({
    kind: 'mariadb-gtid',
    evidence: 'GTIDs by domain, without the replication status',
  });
  const nothing = 'the target has applied nothing of the domains that the source has';
  for (const target of [list('7-1-3'), list(''), place]) {
    expect(ofLists(list('0-1-9'), target)).toEqual({ kind: null, evidence: nothing });
  }
  expect(ofLists(place, list('0-1-3'))).toEqual({ kind: null, evidence: nothing });
  expect(ofLists(list('0-1-9'), list('0-1-3'), true)).toEqual({
    kind: null,
    evidence: 'other servers have the server_id 9, too',
  });
  const node = { ...mariadb, cluster: 'galera' as const };
  expect(ofLists(list('0-1-9'), list('0-1-3'), false, node).kind).toBeNull();
});

test('a domain in which the target has what is not of the source’s history is foreign, and no other kind is', () => {
  expect(isForeign(list('0-3-99'), list('0-1-10', '0-1-10'))).toBe(true);
  expect(isForeign(list('0-3-99,1-1-1'), list('0-1-10,1-1-9', '0-1-10,1-1-9'))).toBe(true);
  expect(isForeign(list('0-1-9'), list('0-1-10', '0-1-10'))).toBe(false);
  expect(isForeign(list('0-1-23'), list('0-4711-5', '0-1-23,0-4711-5'))).toBe(false);
  expect(isForeign(set(''), list('0-1-10', '0-1-10'))).toBe(false);
  expect(isForeign(list('0-3-99'), set(''))).toBe(false);
});

const member = (name: string, but: Partial<NonNullable<GroupSide['membership']>> = {}): GroupSide => ({
  name,
  facts: facts('mariadb', { cluster: 'galera' }),
  membership: { kind: 'galera', group: 'g', outside: null, ...but } as NonNullable<GroupSide['membership']>,
});

test('two members of one cluster are compared by what the cluster numbers', () => {
  expect(groupMethod(member('x'), member('y'))).toEqual({
    kind: 'galera',
    evidence: 'by the numbers of the changes of the cluster that both are in',
  });
  const inGroup = (name: string): GroupSide => ({
    ...member(name, { kind: 'group-replication' }),
    facts: facts('mysql', { cluster: 'group-replication' }),
  });
  expect(groupMethod(inGroup('x'), inGroup('y'))).toEqual({
    kind: 'mysql-gtid',
    evidence: 'by the GTID sets of the group that both are in',
  });
  expect(groupMethod(inGroup('x'), member('y'))).toBeNull();
  expect(groupMethod({ ...member('x'), facts: null }, { ...member('y'), facts: null })?.kind).toBe('galera');
});

test('who is no member, or of whom nothing is known, has a channel that tells', () => {
  const alone: GroupSide = { name: 'z', facts: mariadb, membership: null };
  expect(groupMethod(alone, alone)).toBeNull();
  expect(groupMethod(member('x'), alone)).toBeNull();
  expect(groupMethod(alone, member('y'))).toBeNull();
  const unknown: GroupSide = { name: 'z', facts: null, membership: null };
  expect(groupMethod(unknown, unknown)).toBeNull();
});

test('a member that takes no part, or was not heard of yet, is not compared, and is named', () => {
  expect(groupMethod(member('x'), { ...member('y'), membership: null })).toEqual({
    kind: null,
    evidence: 'whether y is in its cluster is not known yet',
    pending: true,
  });
  const outside = { kind: null, evidence: 'x: it has left' };
  expect(groupMethod(member('x', { outside: 'it has left' }), member('y'))).toEqual(outside);
  const doubted = { ...member('y'), doubt: 'two others say that it is lost' };
  expect(groupMethod(member('x'), doubted)?.evidence).toBe('y: two others say that it is lost');
  expect(groupMethod(member('x'), member('y'), 'they are cut off from each other')).toEqual({
    kind: null,
    evidence: 'they are cut off from each other',
  });
  expect(groupMethod(member('x'), member('y', { group: 'h' }))).toEqual({
    kind: null,
    evidence: 'they are members of two clusters: x in g, y in h',
  });
});
