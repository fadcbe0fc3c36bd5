import { expect, test } from 'vitest';
import { judge } from '../../src/alerts/judge.ts';
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
