import fc from 'fast-check';
import { expect, test } from 'vitest';
import { madeOf, otherThan } from '../../src/lag/other-than.ts';

test('of a text only what is other than in the first is kept', () => {
  expect(otherThan('0-1-100,5-1-7', '0-1-205,5-1-7')).toBe('4 6 205');
  expect(otherThan('0-1-100', '0-1-100')).toBe('7 0 ');
  expect(otherThan('0-1-100', '0-1-1')).toBe('5 0 ');
  expect(otherThan('0-1-1', '0-1-100')).toBe('5 0 00');
  expect(otherThan('', 'abc')).toBe('0 0 abc');
  expect(otherThan('abc', '')).toBe('0 0 ');
  expect(otherThan('xbc', 'abc')).toBe('0 2 a');
  expect(otherThan('aa', 'aaa')).toBe('2 0 a');
});

test('a text is the same again, whatever is in it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'01- ,'), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (first, other) => {
      expect(madeOf(first, otherThan(first, other))).toBe(other);
    }),
  );
});
