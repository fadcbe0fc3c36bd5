import { expect, test } from 'vitest';
import { pairsCameOrWent } from '#lib/live/configuration-news.ts';

test('a few pairs that came or went are named, many are counted', () => {
  expect(pairsCameOrWent({ added: ['shop'], removed: [] })).toBe(
    'The configuration was changed: shop is watched from now on.',
  );
  expect(pairsCameOrWent({ added: ['a', 'b', 'c', 'd'], removed: ['old', 'older'] })).toBe(
    'The configuration was changed: 4 pairs are watched from now on; old, older are not watched any more.',
  );
});

test('where none came or went nothing is said', () => {
  expect(pairsCameOrWent({ added: [], removed: [] })).toBeNull();
});
