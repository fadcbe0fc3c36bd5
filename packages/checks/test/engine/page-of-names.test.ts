import { describe, expect, test } from 'vitest';
import { byName, pageOfNames, pageOfPairs } from '../../src/engine/page-of-names.ts';

const named = (...tables: string[]) => tables.map((table) => ({ schema: 'shop', table })).toSorted(byName);
const shown = (page: ReturnType<typeof pageOfNames>) => page.items.map(({ table }) => table);

test('pages join without a gap, whatever comes and goes between them', () => {
  const first = pageOfNames(named('a', 'c', 'e'), { limit: 2 });
  expect(shown(first)).toEqual(['a', 'c']);
  expect(first.total).toBe(3);
  // The one that the first page ended with is gone, and there are others before and after it.
  const second = pageOfNames(named('a', 'b', 'd', 'e'), { limit: 2, cursor: first.nextCursor });
  expect(shown(second)).toEqual(['d', 'e']);
  expect(second.nextCursor).toBeNull();
});

test('schemas come one after another, and parts are never mixed up', () => {
  const names = [
    { schema: 'a', table: 'b.c' },
    { schema: 'a.b', table: 'c' },
    { schema: 'a', table: 'b' },
  ].toSorted(byName);
  const all = [null, 1, 2].reduce<{ cursor: string | null; items: object[] }>(
    ({ cursor, items }) => {
      const page = pageOfNames(names, { limit: 1, cursor });
      return { cursor: page.nextCursor, items: [...items, ...page.items] };
    },
    { cursor: null, items: [] },
  );
  expect(all.items).toEqual(names);
});

test.each(['nonsense', '', 'W10', Buffer.from('[1,2]').toString('base64url')])(
  'the cursor %j is refused: it is not of this list',
  (cursor) => {
    expect(() => pageOfNames(named('a'), { limit: 1, cursor })).toThrow('not a cursor of this list');
  },
);

test('pages lead back from the end, and say what is on either side', () => {
  const names = named('a', 'b', 'c', 'd', 'e');
  const last = pageOfNames(names, { limit: 2, fromEnd: true });
  const middle = pageOfNames(names, { limit: 2, fromEnd: true, before: last.cursors[0]! });
  const first = pageOfNames(names, { limit: 2, fromEnd: true, before: middle.cursors[0]! });
  expect([first, middle, last].map(shown)).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
  expect([first, middle, last].map(({ hasPrevious }) => hasPrevious)).toEqual([false, true, true]);
  expect([first, middle, last].map(({ nextCursor }) => nextCursor !== null)).toEqual([true, true, false]);
});

describe('the tables of many pairs', () => {
  const tablesOf: Record<string, string[]> = { stock: ['a', 'b', 'c'], orders: ['a', 'b'], none: [] };
  let looked: string[] = [];
  const pairs = () => {
    looked = [];
    return Object.entries(tablesOf).map(([pair, tables]) => ({
      pair,
      count: tables.length,
      names: () => {
        looked.push(pair);
        return named(...tables);
      },
    }));
  };
  const all = ['orders.a', 'orders.b', 'stock.a', 'stock.b', 'stock.c'];
  const told = (page: ReturnType<typeof pageOfPairs>) =>
    page.items.map(({ pair, table }) => `${pair}.${table}`);

  test.each([1, 2, 3, 5, 9])('come one pair after another, in pages of %i, from either end', (limit) => {
    let forwards: string[] = [];
    let cursor: string | null = null;
    do {
      const page = pageOfPairs(pairs(), { limit, cursor });
      expect(page).toMatchObject({ total: 5, hasPrevious: forwards.length > 0 });
      forwards = [...forwards, ...told(page)];
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(forwards).toEqual(all);

    let backwards: string[] = [];
    let before: string | null = null;
    for (let more = true; more;) {
      const page = pageOfPairs(pairs(), { limit, before, fromEnd: true });
      backwards = [...told(page), ...backwards];
      before = page.previousCursor;
      more = before !== null;
    }
    expect(backwards).toEqual(all);
  });

  test('are looked at only where the page lies', () => {
    const { nextCursor } = pageOfPairs(pairs(), { limit: 2 });
    expect(looked).toEqual(['orders']);
    pageOfPairs(pairs(), { limit: 2, cursor: nextCursor });
    expect(new Set(looked)).toEqual(new Set(['orders', 'stock']));
  });

  test('shift nothing where a pair goes meanwhile', () => {
    const { nextCursor } = pageOfPairs(pairs(), { limit: 1 });
    const others = pairs().filter(({ pair }) => pair !== 'orders');
    expect(told(pageOfPairs(others, { limit: 1, cursor: nextCursor }))).toEqual(['stock.a']);
  });
});
