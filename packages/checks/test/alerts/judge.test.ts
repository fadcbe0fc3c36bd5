import { expect, test } from 'vitest';
import { judge } from '../../src/alerts/judge.ts';
import { HOUR, START } from './fixtures.ts';
import { pair, result, snapshot } from './state.ts';

test('a healthy state is a list of conditions none of which is true, each with its own fingerprint and evidence', () => {
  const conditions = judge(snapshot());
  expect(conditions.filter(({ status }) => status !== 'false')).toEqual([]);
  expect(new Set(conditions.map(({ fingerprint }) => fingerprint)).size).toBe(conditions.length);
  expect(conditions.filter(({ evidence, summary }) => !evidence || !summary)).toEqual([]);
  expect(new Set(conditions.map(({ rule }) => rule)).size).toBe(20);
});

test('tables whose names look the same once they are put together have alerts of their own', () => {
  const results = [
    result({ schema: 'a', table: 'b.c', verdict: 'DIFFERENT' }),
    result({ schema: 'a.b', table: 'c' }),
  ];
  const of = judge(snapshot({ pairs: [pair({ results })] })).filter(({ rule }) => rule === 'table-different');
  expect(of.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([
    ['table-different pair=orders table=a.`b.c`', 'true'],
    ['table-different pair=orders table=`a.b`.c', 'false'],
  ]);
});

const table = { schema: 'shop', table: 'items' };
const alertOf = (rule: string) => ({
  has: (fingerprint: string) => fingerprint === `${rule} pair=orders table=shop.items`,
  tablesOf: (name: string) => (name === 'orders' ? ['shop.items', 'shop.gone'] : []),
});

test('what is well is passed over, unless there is an alert that it ends', () => {
  const well = result();
  const pairs = [pair({ results: [well], resultOf: (name) => (name === 'shop.items' ? well : null) })];
  expect(judge(snapshot({ pairs }), { has: () => false, tablesOf: () => [] })).toEqual([]);
  const said = judge(snapshot({ pairs }), alertOf('table-different'));
  expect(said).toMatchObject([{ rule: 'table-different', subject: { table }, status: 'false' }]);
  // Who cannot tell of one table does not end its alert by that.
  expect(judge(snapshot({ pairs: [pair()] }), alertOf('table-different'))).toEqual([]);
});

test('what is not well is said once, though there is an alert of it', () => {
  const different = result({ verdict: 'DIFFERENT', reason: '3 rows' });
  const overdue = result({ finishedAt: new Date(START - 48 * HOUR) });
  for (const [found, rule] of [
    [different, 'table-different'],
    [overdue, 'table-unverified'],
  ] as const) {
    const pairs = [pair({ results: [found], resultOf: () => found })];
    const said = judge(snapshot({ pairs }), alertOf(rule)).filter(({ subject }) => subject.table);
    expect(said.map((each) => [each.rule, each.status])).toEqual([[rule, 'true']]);
  }
});

test('clusters are judged along with the pairs', () => {
  const group = {
    kind: 'galera',
    name: 'shop',
    state: 'split',
    evidence: 'two halves',
    members: [{ server: 'n1', state: 'in-group', flowControl: null }],
  } as unknown as NonNullable<Parameters<typeof judge>[0]['groups']>[number];
  const said = judge(snapshot({ groups: [group] })).filter(({ status }) => status === 'true');
  expect(said).toMatchObject([{ rule: 'group-split', subject: { server: 'n1' }, evidence: 'two halves' }]);
});

test('of a pair whose two sides are one storage no table is overdue, however long ago it was compared', () => {
  const results = [result({ finishedAt: new Date(0) })];
  const { state } = pair();
  const replication = { ...state.replication!, sameStorage: 'both read one storage' };
  const pairs = [pair({ results, state: { ...state, replication } })];
  const overdue = (alerts?: Parameters<typeof judge>[1]) =>
    judge(snapshot({ pairs }), alerts).filter(
      ({ rule, status }) => rule === 'table-unverified' && status !== 'false',
    );
  expect(overdue()).toEqual([]);
  expect(overdue({ has: () => false, tablesOf: () => [] })).toEqual([]);
});
