import { expect, test } from 'vitest';
import { areSame, RowHeights, stretches, windowOf } from '#lib/components/windowing.ts';

const named = (count: number) => Array.from({ length: count }, (_, i) => `row ${i}`);

test('of many rows, those near the visible part are drawn', () => {
  const edges = new RowHeights(50).edges(named(10_000), 1);
  expect(windowOf(edges, 100_000, 800)).toEqual({ start: 1991, end: 2024 });
  expect(windowOf(edges, 0, 800)).toEqual({ start: 0, end: 24 });
  expect(windowOf(edges, 499_500, 800)).toEqual({ start: 9981, end: 10_000 });
  expect(windowOf(new RowHeights(50).edges(named(5), 1), 0, 800)).toEqual({ start: 0, end: 5 });
});

test('of a list that lies wholly above or below what can be seen, next to nothing is drawn', () => {
  const edges = new RowHeights(50).edges(named(100), 1);
  expect(windowOf(edges, -10_000, 800)).toEqual({ start: 0, end: 0 });
  expect(windowOf(edges, 10_000, 800)).toEqual({ start: 99, end: 100 });
});

test('what is drawn beyond what can be seen is told from it', () => {
  const edges = new RowHeights(50).edges(named(10_000), 1);
  expect(windowOf(edges, 100_000, 800, 0)).toEqual({ start: 1999, end: 2016 });
});

test('the same lines are known for the same, whatever the focus did', () => {
  const drawn = stretches({ start: 10, end: 30 }, null, 100);
  expect(areSame(stretches({ start: 10, end: 30 }, 12, 100), drawn)).toBe(true);
  expect(areSame(stretches({ start: 10, end: 30 }, 50, 100), drawn)).toBe(false);
  expect(areSame([], drawn)).toBe(false);
});

test('rows have the heights that were measured, and the usual one before', () => {
  const heights = new RowHeights(50);
  expect([heights.take('row 1', 90), heights.take('row 1', 90)]).toEqual([true, false]);
  expect([...heights.edges(named(3), 1)]).toEqual([0, 50, 140, 190]);
  heights.forget();
  expect([...heights.edges(named(3), 1)]).toEqual([0, 50, 100, 150]);
});

test('two side by side make one line', () => {
  expect([...new RowHeights(50).edges(named(5), 2)]).toEqual([0, 50, 100, 150]);
});

test('what is focused stays, with its neighbours, wherever one scrolls to', () => {
  const window = { start: 40, end: 60 };
  expect(stretches(window, null, 100)).toEqual([window]);
  expect(stretches(window, 50, 100)).toEqual([window]);
  expect(stretches(window, 0, 100)).toEqual([{ start: 0, end: 2 }, window]);
  expect(stretches(window, 99, 100)).toEqual([window, { start: 98, end: 100 }]);
  expect(stretches(window, 60, 100)).toEqual([{ start: 40, end: 62 }]);
});
