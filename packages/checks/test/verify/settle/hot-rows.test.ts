import { expect, test } from 'vitest';
import { hotRows } from '../../../src/verify/settle/hot-rows.ts';
import { PairInMemory } from './pair-in-memory.ts';

test('a row is let go as soon as the target shows one version that the source had, and only then', async () => {
  const pair = new PairInMemory().both([1, 'aa'], [2, 'aa']);
  pair.target.before = (_, count) => {
    pair.target.put(1, count === 0 ? 'aa' : 'bb');
    pair.target.put(2, count === 2 ? 'aa' : 'cc');
  };
  expect(await hotRows([[1], [2]], pair.options)).toEqual([]);
  expect(pair.target.asked).toHaveLength(3);
});

test('a row of which no version is shown by both stays open, and alone is sought again', async () => {
  const pair = new PairInMemory().both([1, 'aa'], [2, 'aa']);
  pair.target.put(2, 'bb');
  const sought: number[] = [];
  const byKeys = pair.source.byKeys.bind(pair.source);
  pair.source.byKeys = (keys, ...rest) => {
    sought.push(keys.length);
    return byKeys(keys, ...rest);
  };
  expect(await hotRows([[1], [2]], pair.options)).toEqual([[2]]);
  expect(sought[0]).toBe(2);
  expect(sought.filter((keys) => keys === 2)).toHaveLength(16);
  expect(sought.filter((keys) => keys === 1)).toHaveLength(5 * 16);
});

test('a row that is on neither side has a version in common, and one too large to be hashed has none', async () => {
  const pair = new PairInMemory();
  expect(await hotRows([[1]], pair.options)).toEqual([]);
  pair.both([1, null]);
  expect(await hotRows([[1]], pair.options)).toEqual([[1]]);
});

test('the target is watched for a while before the source is watched anew', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.before = (_, count) => pair.target.put(1, count === 2 ? 'aa' : 'bb');
  expect(await hotRows([[1]], pair.options)).toEqual([]);
  expect(pair.source.asked).toHaveLength(16);
});
