import { beforeEach, expect, test, vi } from 'vitest';
import { DAY, HOUR, lagSample, open, rowsInFile, run, START, tempFile } from './fixtures.ts';

/** Long enough for one step of retention. */
const STEP = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A storage whose clock can be set, beside the time that passes. */
function aged() {
  const clock = { elapsed: 0, ahead: 0 };
  const file = tempFile();
  const storage = open(file, {
    now: () => START + clock.elapsed + clock.ahead,
    elapsed: () => clock.elapsed,
  });
  storage.recordRun(run('run', START));
  storage.recordLag(lagSample(START, 1));
  storage.flush();
  const pass = (ms: number, steps = 1) => {
    for (let n = 0; n < steps; n++) {
      clock.elapsed += ms / steps;
      vi.advanceTimersByTime(STEP);
    }
  };
  return { clock, pass, kept: () => [rowsInFile(file, 'run'), rowsInFile(file, 'lag_minute')] };
}

test('a clock that is set a year ahead for some hours takes no history with it', () => {
  const { clock, pass, kept } = aged();
  pass(STEP);
  clock.ahead = 365 * DAY;
  pass(5 * HOUR, 20);
  expect(kept()).toEqual([1, 1]);
  clock.ahead = 0;
  pass(2 * DAY, 20);
  expect(kept()).toEqual([1, 1]);
  clock.ahead = 365 * DAY;
  pass(23 * HOUR, 20);
  expect(kept()).toEqual([1, 1]);
});

test('a clock that was set ahead before the first step of retention is none to delete by either', () => {
  const { clock, pass, kept } = aged();
  clock.ahead = 365 * DAY;
  pass(STEP);
  expect(kept()).toEqual([1, 1]);
});

test('a clock that stays ahead for a day is believed, and one that drifts always', () => {
  const leapt = aged();
  leapt.pass(STEP);
  leapt.clock.ahead = 365 * DAY;
  leapt.pass(DAY + HOUR, 20);
  expect(leapt.kept()).toEqual([0, 0]);

  const drifting = aged();
  for (let day = 0; day < 31; day++) {
    drifting.clock.ahead += 500;
    drifting.pass(DAY, 2);
  }
  expect(drifting.kept()).toEqual([0, 0]);
});

test('machines that sleep each night forget what is old, by a day later', () => {
  const { clock, pass, kept } = aged();
  for (let day = 0; day < 31; day++) {
    pass(DAY / 2, 6);
    clock.ahead += DAY / 2;
  }
  expect(kept()).toEqual([1, 1]);
  for (let day = 0; day < 2; day++) {
    pass(DAY / 2, 6);
    clock.ahead += DAY / 2;
  }
  pass(STEP);
  expect(kept()).toEqual([0, 0]);
});

test('a clock that is a year ahead when the history is opened takes none of it before it was so for a day', () => {
  const file = tempFile();
  const earlier = open(file);
  earlier.recordRun(run('run', START));
  earlier.recordLag(lagSample(START, 1));
  earlier.close();
  const clock = { elapsed: 0 };
  open(file, { now: () => START + 365 * DAY + clock.elapsed, elapsed: () => clock.elapsed });
  const kept = () => [rowsInFile(file, 'run'), rowsInFile(file, 'lag_minute')];
  vi.advanceTimersByTime(STEP);
  expect(kept()).toEqual([1, 1]);
  for (let hour = 0; hour < 25; hour++) {
    clock.elapsed += HOUR;
    vi.advanceTimersByTime(STEP);
  }
  expect(kept()).toEqual([0, 0]);
});
