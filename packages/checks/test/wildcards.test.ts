import { expect, test } from 'vitest';
import { leftOutBy } from '../src/position/left-out.ts';
import { wildcards } from '../src/wildcards.ts';

test.for<[string, string, boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', 'abc', true],
  ['?', '', false],
  ['a*c', 'abbc', true],
  ['a*c', 'abcd', false],
  ['*b*', 'abc', true],
  ['*bc', 'abcbc', true],
  ['a?c', 'abc', true],
  ['a.c', 'abc', false],
  ['[a](b)', '[a](b)', true],
  ['*\n*', 'a\nb', true],
])('%o fits %o: %o', ([pattern, text, fitting]) => {
  expect(wildcards(pattern)(text)).toBe(fitting);
});

test('case counts, unless names fold', () => {
  expect(wildcards('Or*')('orders')).toBe(false);
  expect(wildcards('Or*', true)('oRDERS')).toBe(true);
});

// As regular expressions these take longer than anybody waits, and nothing else has its turn meanwhile.
test('whoever may preview a silence, or answers for a server, can say no pattern that takes for ever', () => {
  const name = 'a'.repeat(64);
  expect(wildcards(`${'*a'.repeat(60)}b`)(name)).toBe(false);
  const filter = { name: 'Replicate_Wild_Ignore_Table', value: `${'%a'.repeat(60)}b` };
  expect(leftOutBy({ filters: [filter] }, { schema: name, table: name })).toBeNull();
});
