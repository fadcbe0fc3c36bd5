import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Mishaps } from '../src/mishaps.ts';
import { systemClock } from '../src/time/clock.ts';
import { inSlices } from '../src/time/slices.ts';
import { Ticker } from '../src/time/ticker.ts';

function watched() {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const logged: { fields: object; message: string }[] = [];
  const quiet = () => undefined;
  const error = (fields: object, message: string) => void logged.push({ fields, message });
  const mishaps = new Mishaps({
    log: { debug: quiet, info: quiet, warn: quiet, error },
    now: () => clock.now,
  });
  return { mishaps, logged, clock };
}

test('an error is logged with its cause and what it struck, and not again a thousand times', () => {
  const { mishaps, logged, clock } = watched();
  const cause = new TypeError('x is not a function');
  for (let i = 0; i < 1_000; i++) {
    mishaps.happened('measuring lag', cause, { pair: 'orders' });
    clock.now += 100;
  }
  expect(logged.map(({ message }) => message)).toEqual([
    'unexpected error in measuring lag: x is not a function',
    'unexpected error in measuring lag: x is not a function (601 times)',
  ]);
  expect(logged[0]?.fields).toEqual({ err: cause, pair: 'orders' });
  expect(mishaps.recent()).toMatchObject([{ struck: { pair: 'orders' }, times: 1_000 }]);
});

test('of very many kinds no more are remembered than a list can show', () => {
  const { mishaps } = watched();
  for (let i = 0; i < 1_000; i++) mishaps.happened('telling', new Error('no'), { pair: `p${i}` });
  expect(mishaps.recent()).toHaveLength(100);
});

test('what has not happened for long is forgotten', () => {
  const { mishaps, clock } = watched();
  mishaps.guard('telling', () => {
    throw new Error('no');
  });
  clock.now += 1_100_000;
  expect(mishaps.recent()).toHaveLength(1);
  clock.now += 200_000;
  expect(mishaps.recent()).toEqual([]);
});

test('what happened before the clock was set back by a year is over as soon as anything else', () => {
  const { mishaps, logged, clock } = watched();
  const happens = () => mishaps.happened('telling', new Error('no'));
  happens();
  clock.now -= 365 * 86_400_000;
  expect(mishaps.recent()).toMatchObject([{ since: new Date(clock.now), last: new Date(clock.now) }]);
  clock.now += 60_000;
  happens();
  expect(logged).toHaveLength(2);
  clock.now += 1_300_000;
  expect(mishaps.recent()).toEqual([]);
});

test('a job that fails does not end its ticker', async () => {
  const errors: unknown[] = [];
  let ticks = 0;
  const ticker = new Ticker({
    intervalMs: 1,
    phaseMs: 0,
    clock: systemClock,
    job: () => Promise.reject(new Error(`tick ${++ticks}`)),
    onError: (error) => errors.push(error),
  });
  ticker.start();
  await expect.poll(() => errors.length).toBeGreaterThan(2);
  ticker.stop();
});

test('a job that failed is not taken for one that still runs', async () => {
  const errors: unknown[] = [];
  const ticker = new Ticker({
    intervalMs: 3_600_000,
    phaseMs: 0,
    clock: systemClock,
    job: () => Promise.reject(new Error('no')),
    onError: (error) => errors.push(error),
  });
  ticker.start();
  await vi.waitFor(() => expect(errors).toHaveLength(1), patient);
  ticker.hasten();
  await vi.waitFor(() => expect(errors).toHaveLength(2), patient);
  ticker.stop();
});

test('long work lets everything else have its turn, and stops where it is told to', async () => {
  const stop = new AbortController();
  let steps = 0;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  function* endless() {
    for (;;) {
      steps++;
      yield;
    }
  }
  inSlices(endless(), stop.signal, () => undefined);
  await expect.poll(() => turns).toBeGreaterThan(3);
  clearInterval(timer);
  stop.abort();
  const then = steps;
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toBe(then);
});

test('short work is done at once, and its error is handed over', () => {
  // However long the machine stalls meanwhile, it is short.
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const ends: unknown[] = [];
  const { signal } = new AbortController();
  inSlices([1, 2, 3].values(), signal, (error) => ends.push(error));
  function* failing() {
    yield;
    throw new Error('in the middle');
  }
  inSlices(failing(), signal, (error) => ends.push(error));
  expect(ends).toEqual([null, new Error('in the middle')]);
});
