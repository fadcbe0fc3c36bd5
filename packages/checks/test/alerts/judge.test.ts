import { expect, test } from 'vitest';
import { judge, type Judged, judging } from '../../src/alerts/judge.ts';
import { isQuiet, judgeTable } from '../../src/alerts/judge-table.ts';
import { channel } from '../support/replication.ts';
import { HOUR, START } from './fixtures.ts';
import { pair, result, server, snapshot } from './state.ts';

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

test('of a sentence of a megabyte an alert has the beginning, and how much more there is', () => {
  const results = [result({ verdict: 'DIFFERENT', reason: 'x'.repeat(1_000_000) })];
  const of = judge(snapshot({ pairs: [pair({ results })] })).find(({ rule }) => rule === 'table-different');
  expect(of?.evidence).toMatch(/^shop\.items: x+… and 990012 characters more$/);
  expect(of?.evidence.length).toBeLessThan(10_100);
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

test('an error about a server costs what it has to say of that server, and is told to be of it', () => {
  const broken = server('db1');
  Object.defineProperty(broken, 'clockAheadMs', {
    get: () => {
      throw new Error('nobody expected this');
    },
  });
  const judged: Judged[] = [...judging(snapshot({ servers: [broken, server('db2')] }))];
  expect(judged).toContainEqual({ unjudged: { server: 'db1' } });
  expect(
    judged.filter((each) => each !== null && 'rule' in each && each.rule === 'clock-wrong'),
  ).toHaveLength(1);
});

test('a pair whose server is not known any more is judged without it', () => {
  const judged = [...judging(snapshot({ servers: [server('db1')] }))];
  expect(judged.filter((each) => each !== null && 'unjudged' in each)).toEqual([]);
});

test('the judge may be held at every table, also where there is nothing to say', () => {
  const results = Array.from({ length: 50 }, (_, n) =>
    result({ table: `t${n}`, finishedAt: new Date(START - n) }),
  );
  const old = result({ table: 'old', finishedAt: new Date(START - 26 * HOUR) });
  const none = { has: () => false, tablesOf: () => [] };
  const held = (of: (typeof old)[]) =>
    [...judging(snapshot({ pairs: [pair({ results: of })] }), none)].filter((each) => each === null).length;
  // All are passed over at once where the oldest of them is young.
  expect(held(results)).toBe(1);
  expect(held([...results, old])).toBe(1 + results.length + 1);
});

test('a table is quiet while all is well and it is not overdue', () => {
  const quiet = (found: ReturnType<typeof result>) => isQuiet(found, pair(), snapshot());
  expect(quiet(result())).toBe(true);
  expect(quiet(result({ verdict: 'DIFFERENT' }))).toBe(false);
  expect(quiet(result({ finishedAt: new Date(START - 26 * HOUR) }))).toBe(false);
});

test('what is said of a result is kept until it is overdue, and said anew of each that comes then', () => {
  const found = result();
  const said = (ms: number) => judgeTable(found, pair(), snapshot({ at: new Date(START + ms) }));
  expect(said(0)).toBe(said(HOUR));
  const overdue = said(26 * HOUR).find(({ rule }) => rule === 'table-unverified');
  expect(overdue).toMatchObject({
    status: 'true',
    evidence: expect.stringContaining('1 d 2 h ago') as string,
  });
  const later = said(27 * HOUR).find(({ rule }) => rule === 'table-unverified');
  expect(later?.evidence).toContain('1 d 3 h ago');
});

test('a table that the pair’s channel leaves out is told so, by the channel that is there now', () => {
  const found = result({ verdict: 'DIFFERENT' });
  const by = (filters: string[] | null) => {
    const { state } = pair();
    const channel_ =
      filters === null
        ? null
        : channel({ filters: filters.map((value) => ({ name: 'Replicate_Ignore_Table', value })) });
    const replication = { ...state.replication!, channel: channel_ };
    return judgeTable(found, pair({ state: { ...state, replication } }), snapshot()).find(
      ({ rule }) => rule === 'table-different',
    );
  };
  expect(by(['shop.items'])).toMatchObject({
    severity: 'WARNING',
    summary: 'Table is left out of replication',
  });
  expect(by([])?.severity).toBe('CRITICAL');
  expect(by(null)?.severity).toBe('CRITICAL');
  const unknown = pair({ state: { ...pair().state, replication: null } });
  expect(judgeTable(found, unknown, snapshot())[3]?.severity).toBe('CRITICAL');
  const leftOut = judgeTable({ ...found, excludedBy: 'a filter' }, pair(), snapshot());
  expect(leftOut.map(({ rule, follows = [] }) => [rule, follows])).toEqual([
    ['table-missing', []],
    ['schema-differs', expect.arrayContaining(['table-different pair=orders table=shop.items']) as string[]],
    [
      'mask-unfit',
      ['table-missing pair=orders table=shop.items', 'table-different pair=orders table=shop.items'],
    ],
    ['table-different', ['table-missing pair=orders table=shop.items']],
    ['table-unverified', expect.arrayContaining(['table-missing pair=orders table=shop.items']) as string[]],
  ]);
});

test('a pair whose replication nobody knows is judged by every rule, whatever is passed over', () => {
  const pairs = [pair({ state: { ...pair().state, replication: null } })];
  for (const alerts of [undefined, { has: () => false, tablesOf: () => [] }]) {
    const judged = [...judging(snapshot({ pairs }), alerts)];
    expect(judged.filter((each) => each !== null && 'unjudged' in each)).toEqual([]);
  }
});
