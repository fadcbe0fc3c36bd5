import type { DifferenceKind, RowDifference } from '@lockstep/checks';
import { expect, test } from 'vitest';
import { compareWithPlanted, type Planted } from '../src/verify/planted.ts';

const named = (id: number, kind: DifferenceKind) =>
  ({ kind, key: { id: String(id) } }) as unknown as RowDifference;

const planted: Planted = new Map([
  [1, { kind: 'changed', row: 'cold' }],
  [2, { kind: 'missing', row: 'cold' }],
  [3, { kind: 'changed', row: 'warm' }],
]);

test('what was planted and named rightly is found, and nothing else is', () => {
  const found = compareWithPlanted(planted, [named(1, 'changed'), named(3, 'changed')]);
  expect(found).toEqual({ cold: { found: 1, of: 2 }, warm: { found: 1, of: 1 }, wrong: [] });
});

test('a row that was not planted, or is called something else, is named wrongly', () => {
  const found = compareWithPlanted(planted, [named(2, 'changed'), named(9, 'surplus')]);
  expect(found.wrong.map(({ key }) => key['id'])).toEqual(['2', '9']);
  expect(found.cold.found).toBe(0);
});
