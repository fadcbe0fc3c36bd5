import { expect, test } from 'vitest';
import { formatTableName, parseTableName, tableId } from '../src/table-name.ts';

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

test.for<[string, string, string]>([
  ['shop', 'orders', 'shop.orders'],
  ['a.b', 'c', '`a.b`.c'],
  ['a', 'b.c', 'a.`b.c`'],
  ['a', 'b`c', 'a.`b``c`'],
  ['a', '\u202egnp.exe', 'a.`\\u{202e}gnp.exe`'],
  ['a\nb', 'zero\u200bwidth', '`a\\u{a}b`.`zero\\u{200b}width`'],
  ['a', 'b\\u{202e}', 'a.`b\\u{5c}u{202e}`'],
  ['a', 'b\\c', 'a.b\\c'],
])('%s and %s are written so that they are read back', ([schema, table, text]) => {
  expect(formatTableName({ schema, table })).toBe(text);
  expect(parseTableName(text)).toEqual({ schema, table });
});

test('two tables are told apart however their names are put together', () => {
  const [one, other] = [
    { schema: 'a', table: 'b.c' },
    { schema: 'a.b', table: 'c' },
  ];
  expect(tableId(one)).not.toBe(tableId(other));
  expect(tableId({ ...one })).toBe(tableId(one));
});

test.for(['orders', 'a.b.c', '.b', 'a.', '`a.b', 'a`b.c', '', '``.x'])('"%s" is refused', (text) => {
  expect(() => parseTableName(text)).toThrow('write schema.table');
});
