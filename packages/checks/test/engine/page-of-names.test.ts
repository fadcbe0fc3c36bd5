import { expect, test } from 'vitest';
import { byName, pageOfNames } from '../../src/engine/page-of-names.ts';

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
