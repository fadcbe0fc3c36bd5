import { expect, test } from 'vitest';
import type { Position } from '../../src/position/position.ts';
import { waitUntilApplied } from '../../src/position/wait-until-applied.ts';

const at = (sequence: number): Position => ({ kind: 'mariadb-gtid', text: `0-1-${sequence}` });

/** A target that has come one further whenever it is asked. */
const climbing = (from: number | null = 0) => {
  let next = from ?? 0;
  const asked: number[] = [];
  return {
    asked,
    readApplied: () => {
      asked.push(next);
      return Promise.resolve(from === null ? null : at(next++));
    },
  };
};
const patiently = { timeoutMs: 60_000 };

test('it is asked until it has what is wanted', async () => {
  const target = climbing();
  expect(await waitUntilApplied(target, at(3), patiently)).toBe(true);
  expect(target.asked).toEqual([0, 1, 2, 3]);
});

test('one that says no position is asked again, until the time is over', async () => {
  const target = climbing(null);
  expect(await waitUntilApplied(target, at(3), { timeoutMs: 30 })).toBe(false);
  expect(target.asked.length).toBeGreaterThan(1);
});

test('one that does not come is asked less and less often', async () => {
  const target = climbing(null);
  expect(await waitUntilApplied(target, at(3), { timeoutMs: 150 })).toBe(false);
  expect(target.asked.length).toBeLessThan(12);
});

test('without any time it is asked once', async () => {
  const target = climbing();
  expect(await waitUntilApplied(target, at(3), { timeoutMs: 0 })).toBe(false);
  expect(target.asked).toHaveLength(1);
});

test('what has it is decided by who knows more than the positions, where there is one', async () => {
  const has = ({ text }: Position) => Promise.resolve(text === '0-1-1');
  expect(await waitUntilApplied({ ...climbing(), has }, at(99), patiently)).toBe(true);
  const never = { ...climbing(5), has: () => Promise.resolve(false) };
  expect(await waitUntilApplied(never, at(3), { timeoutMs: 20 })).toBe(false);
});

test('who is told to end asks nothing more', async () => {
  const target = climbing();
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(waitUntilApplied(target, at(3), { ...patiently, signal })).rejects.toThrow('enough');
  expect(target.asked).toEqual([]);
});
