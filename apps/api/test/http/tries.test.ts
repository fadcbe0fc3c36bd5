import type { Logger } from '@lockstep/checks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Guesses } from '../../src/http/guard/guesses.ts';
import { Tries } from '../../src/http/guard/tries.ts';

const dayMs = 86_400_000;

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

test('a clock that is set back has nobody have tried too often', () => {
  const tries = new Tries({ atOnce: 20, oneMoreMs: 3_000 });
  expect(tries.tried('192.0.2.1')).toBe(false);
  tries.forgive('192.0.2.1');
  vi.setSystemTime(Date.now() - dayMs);
  expect(tries.tried('192.0.2.1')).toBe(false);
});

test('a clock that is set ahead lets nobody guess on', () => {
  const tries = new Tries({ atOnce: 2, oneMoreMs: 3_000 });
  for (let i = 0; i < 5; i++) tries.tried('192.0.2.1');
  vi.setSystemTime(Date.now() + dayMs);
  expect(tries.tried('192.0.2.1')).toBe(true);
});

test('who guessed just now is logged once, whatever the clock shows', () => {
  const warn = vi.fn();
  const guesses = new Guesses({ warn } as unknown as Logger, { record: () => {} });
  guesses.wrong('192.0.2.1');
  vi.setSystemTime(Date.now() + dayMs);
  guesses.wrong('192.0.2.1');
  expect(warn).toHaveBeenCalledTimes(1);
});
