import { expect, test } from 'vitest';
import { parseTableName } from '../src/table-name.ts';

test.for<[string, string, string]>([
  ['shop.orders', 'shop', 'orders'],
  ['shop.order items', 'shop', 'order items'],
  ['`a.b`.`c`', 'a.b', 'c'],
  ['a.`b.c`', 'a', 'b.c'],
  ['`a``b`.c', 'a`b', 'c'],
  ['größe.naïve', 'größe', 'naïve'],
])('%s is understood', ([text, schema, table]) => {
  expect(parseTableName(text)).toEqual({ schema, table });
});

test.for(['orders', 'a.b.c', '.b', 'a.', '`a.b', 'a`b.c', '', '``.x'])('"%s" is refused', (text) => {
  expect(() => parseTableName(text)).toThrow('write schema.table');
});
