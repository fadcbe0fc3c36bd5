import { expect, test } from 'vitest';
import { matcherOf } from '../../src/alerts/silences/matcher.ts';

test('a silence names no more labels than each alert can be held against', () => {
  const labels = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, 'x']));
  expect(() => matcherOf({ labels: labels(51) })).toThrow('at most 50 labels');
  const about = { pair: 'p', rule: 'lag' as const, servers: [], table: null, labels: labels(50) };
  expect(matcherOf({ labels: labels(50) })(about)).toBe(true);
  expect(matcherOf({ labels: labels(50) })({ ...about, labels: labels(49) })).toBe(false);
});
