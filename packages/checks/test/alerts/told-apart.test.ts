import { expect, test } from 'vitest';
import { Kept } from '../../src/alerts/condition/kept.ts';
import { isWell, toldApart } from '../../src/alerts/condition/told-apart.ts';
import { SECOND, START } from './fixtures.ts';
import { result } from './state.ts';

const found = (table: string, seconds: number, changes: Parameters<typeof result>[0] = {}) =>
  result({ table, finishedAt: new Date(START + seconds * SECOND), ...changes });

test('a table is well that matches in all that was compared, and whose masks fit', () => {
  expect(isWell(found('a', 0))).toBe(true);
  expect(isWell(found('a', 0, { verdict: 'UNVERIFIED' }))).toBe(false);
  expect(isWell(found('a', 0, { unfitMasks: ['emial'] }))).toBe(false);
  const schemaDifferences = [
    { object: 'column a', source: 'int', target: null, message: 'column a is missing' },
  ] as ReturnType<typeof result>['schemaDifferences'];
  expect(isWell(found('a', 0, { schemaDifferences }))).toBe(false);
});

test('what is well is kept apart by its check, with the oldest and the newest of it', () => {
  const results = [
    found('b', 2),
    found('a', 1),
    found('e', 0, { verdict: 'ERROR' }),
    found('c', 3),
    found('n', 9, { check: 'consistency' }),
    found('d', 9, { verdict: 'DIFFERENT' }),
  ];
  const { notable, errors, well } = toldApart(results);
  const names = (of: { table: string }[]) => of.map(({ table }) => table);
  expect([names(notable), names(errors)]).toEqual([['e', 'd'], ['e']]);
  expect(well.map((each) => [names(each.results), each.oldest.table, each.newest.table])).toEqual([
    [['b', 'a', 'c'], 'a', 'c'],
    [['n'], 'n', 'n'],
  ]);
});

test('the same list is told apart once', () => {
  const results = [found('a', 0)];
  expect(toldApart(results)).toBe(toldApart(results));
  expect(toldApart([...results])).not.toBe(toldApart(results));
});

test('what is kept of a result is kept of it alone, and seen by nobody else', () => {
  const [one, other] = [new Kept<number>(), new Kept<number>()];
  const [a, b] = [found('a', 0), found('b', 0)];
  one.set(a, 1);
  expect([one.get(a), one.get(b), other.get(a)]).toEqual([1, undefined, undefined]);
  one.set(a, 2);
  expect(one.get(a)).toBe(2);
  expect(one.get({ ...a })).toBeUndefined();
  expect(Object.keys(a)).toEqual(Object.keys(b));
});
