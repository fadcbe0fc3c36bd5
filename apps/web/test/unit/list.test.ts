import { describe, expect, test } from 'vitest';
import { hasText, type ListRules, narrowed } from '#lib/list/narrow.ts';

interface Table {
  schema: string;
  name: string | null;
  rows: number;
}

const rules: ListRules<Table, 'small' | 'large', 'rows' | 'name'> = {
  words: ({ schema, name }) => [schema, name],
  filters: {
    small: { word: 'Small', fits: ({ rows }) => rows < 100 },
    large: { word: 'Large', fits: ({ rows }) => rows >= 100 },
  },
  orders: {
    rows: { word: 'Largest first', compare: (a, b) => b.rows - a.rows },
    name: { word: 'By name', compare: (a, b) => String(a.name).localeCompare(String(b.name)) },
  },
};
const tables: readonly Table[] = [
  { schema: 'shop', name: 'orders', rows: 500 },
  { schema: 'shop', name: 'Customers', rows: 20 },
  { schema: 'blog', name: 'posts', rows: 100 },
  { schema: 'blog', name: null, rows: 1 },
];

describe('a list', () => {
  const names = (filter: 'all' | 'small' | 'large', order: 'rows' | 'name', text: string) =>
    narrowed(tables, rules, { filter, order, text }).map(({ name }) => name);

  test('that nothing narrows has all its items, in the order that is asked for', () => {
    expect(names('all', 'rows', '')).toEqual(['orders', 'posts', 'Customers', null]);
    expect(names('all', 'name', '')).toEqual(['Customers', null, 'orders', 'posts']);
  });

  test('has what fits the filter and the search, both', () => {
    expect(names('large', 'name', '')).toEqual(['orders', 'posts']);
    expect(names('large', 'name', 'shop')).toEqual(['orders']);
    expect(names('small', 'rows', 'posts')).toEqual([]);
  });

  test('leaves what it is made from in its order', () => {
    names('all', 'name', '');
    expect(tables.map(({ rows }) => rows)).toEqual([500, 20, 100, 1]);
  });
});

test('a search looks into every word, in whichever case, and not at blanks around it', () => {
  expect(hasText(['shop', 'Customers'], 'CUST')).toBe(true);
  expect(hasText(['shop', 'Customers'], ' shop ')).toBe(true);
  expect(hasText(['shop', 'Customers'], 'shopC')).toBe(false);
  expect(hasText([null, 'x'], 'null')).toBe(false);
  expect(hasText([], '')).toBe(true);
});
