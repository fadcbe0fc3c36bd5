import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ticker } from '../../src/time/ticker.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A ticker by a clock that goes on without its timers where this process is held up. */
function ticker(job: () => Promise<void>) {
  let heldUp = 0;
  const clock = { now: () => performance.now() + heldUp, wall: () => new Date() };
  const onError = (error: unknown) => expect.unreachable(String(error));
  const made = new Ticker({ intervalMs: 100, phaseMs: 0, clock, job, onError });
  made.start();
  return { made, clock, holdUp: (ms: number) => (heldUp += ms) };
}

test('a job that takes longer than a tick skips ticks, and is not begun beside itself', async () => {
  const begun: number[] = [];
  const { made } = ticker(async () => {
    begun.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, 250));
  });
  await vi.advanceTimersByTimeAsync(900);
  expect(begun.map((at) => at - begun[0]!)).toEqual([0, 300, 600, 900]);
  made.stop();
  await vi.advanceTimersByTimeAsync(900);
  expect(begun).toHaveLength(4);
});

test('how long nothing ran is known as a whole, though a job was waiting for an answer', async () => {
  const { made, clock, holdUp } = ticker(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(150);
  const before = clock.now();
  expect(made.heldUpSince(0)).toBe(0);
  holdUp(3_500);
  await vi.advanceTimersByTimeAsync(100);
  holdUp(2_000);
  await vi.advanceTimersByTimeAsync(100);
  expect(made.heldUpSince(before)).toBeGreaterThan(5_400);
  expect(made.heldUpSince(before)).toBeLessThanOrEqual(5_500);
  expect(made.heldUpSince(clock.now())).toBe(0);
  made.stop();
});
