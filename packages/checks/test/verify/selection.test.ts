import { expect, test } from 'vitest';
import { fits } from '../../src/table-pattern.ts';

test.for<[string, string, string, boolean]>([
  ['shop.*', 'shop', 'orders', true],
  ['shop.*', 'shop', 'orders.old', true],
  ['shop.*', 'shop.eu', 'orders', false],
  ['shop.orders.old', 'shop', 'orders.old', true],
  ['shop.orders.old', 'shop.orders', 'old', false],
  ['shop?eu.*', 'shop.eu', 'orders', true],
  ['*.order_?', 'shop', 'order_1', true],
  ['*.order_?', 'shop', 'order_12', false],
  ['*', 'shop', 'orders', true],
  ['Shop.*', 'shop', 'orders', false],
])('%s: table %s › %s fits: %s', ([pattern, schema, table, fitting]) => {
  expect(fits(pattern, { schema, table })).toBe(fitting);
});
