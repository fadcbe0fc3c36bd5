import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Schedule, type ScheduleOptions } from '../../src/engine/schedule.ts';
import type { DailyWindow } from '../../src/time/daily-window.ts';

const start = new Date('2026-01-02T02:59:30Z');
const SECOND = 1000;
const HOUR = 3_600_000;
const hourly = { cron: '0 * * * *' };

beforeEach(() => vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

/** A schedule whose work takes no time; `can` says whether it can be done. */
function watch(schedule: ScheduleOptions['schedule'], lastDone: Date | null = null, window?: DailyWindow) {
  const state = { can: true, lastDone, done: [] as string[], errors: [] as unknown[], fails: false };
  const scheduled = new Schedule({
    schedule,
    window,
    lastDone: () => state.lastDone,
    work: () => {
      if (state.fails) return Promise.reject(new Error('nobody expected this'));
      if (!state.can) return Promise.resolve(false);
      state.lastDone = new Date();
      state.done.push(state.lastDone.toISOString().slice(11, 19));
      return Promise.resolve(true);
    },
    onError: (error) => void state.errors.push(error),
  });
  scheduled.start();
  return { state, scheduled, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

describe('by a cron pattern', () => {
  test('work is done when it is due, and not before it ever was', async () => {
    const { state, scheduled, pass } = watch(hourly);
    await pass(2 * HOUR);
    expect(state.done).toEqual(['03:00:00', '04:00:00']);
    expect(scheduled.next).toEqual(new Date('2026-01-02T05:00:00Z'));
    scheduled.stop();
  });

  test('work that could not be done when it was due is made up for as soon as it can, once', async () => {
    const { state, scheduled, pass } = watch(hourly);
    state.can = false;
    await pass(10 * 60 * SECOND);
    expect(scheduled.next).toEqual(new Date('2026-01-02T03:00:00Z'));
    state.can = true;
    await pass(30 * 60 * SECOND);
    expect(state.done).toEqual(['03:09:31']);
    scheduled.stop();
  });

  test('work that fails as nobody expected is told, and tried again as what was put off', async () => {
    const { state, scheduled, pass } = watch(hourly);
    state.fails = true;
    await pass(40 * SECOND);
    expect(state.errors).not.toEqual([]);
    state.fails = false;
    await pass(2 * SECOND);
    expect(state.done).toHaveLength(1);
    scheduled.stop();
  });

  test('work that became due while nobody was there is made up for at the start, once', async () => {
    const { state, scheduled, pass } = watch(hourly, new Date('2026-01-02T00:00:07Z'));
    await pass(20 * SECOND);
    expect(state.done).toEqual(['02:59:30']);
    scheduled.stop();
  });

  test('work that somebody else did since it was due is not done again', async () => {
    const { state, scheduled, pass } = watch(hourly);
    state.can = false;
    await pass(60 * SECOND);
    state.lastDone = new Date();
    state.can = true;
    await pass(30 * 60 * SECOND);
    expect(state.done).toEqual([]);
    await pass(HOUR / 2);
    expect(state.done).toEqual(['04:00:00']);
    scheduled.stop();
  });
});

test.each([
  { schedule: hourly, first: '03:00:00' },
  { schedule: { everyMs: HOUR }, first: '03:59:30' },
])(
  'what was done before the clock was set back by a year is done again when it is due: $schedule',
  async ({ schedule, first }) => {
    const { state, scheduled, pass } = watch(schedule, new Date('2027-01-02T02:59:00Z'));
    await pass(HOUR);
    expect(state.done).toEqual([first]);
    scheduled.stop();
  },
);

describe('at an interval', () => {
  test('work is done at once when it never was, then counted from its end', async () => {
    const { state, scheduled, pass } = watch({ everyMs: 60 * SECOND });
    await pass(121 * SECOND);
    expect(state.done).toEqual(['02:59:30', '03:00:30', '03:01:30']);
    scheduled.stop();
  });

  test('work that somebody else did meanwhile, e.g. to the end of a run that was cut off, counts', async () => {
    const { state, scheduled, pass } = watch({ everyMs: 60 * SECOND });
    state.can = false;
    await pass(10 * SECOND);
    state.lastDone = new Date();
    state.can = true;
    await pass(59 * SECOND);
    expect(state.done).toEqual([]);
    await pass(2 * SECOND);
    expect(state.done).toEqual(['03:00:40']);
    scheduled.stop();
  });

  test('a clock that is set back by a day costs one interval at most', async () => {
    const { state, scheduled, pass } = watch({ everyMs: 60 * SECOND });
    await pass(0);
    vi.setSystemTime(start.getTime() - 24 * HOUR);
    await pass(121 * SECOND);
    expect(state.done).toEqual(['02:59:30', '03:00:30', '03:01:30']);
    scheduled.stop();
  });
});

describe('in a window', () => {
  const night: DailyWindow = { from: 4 * 60, to: 6 * 60, timeZone: 'UTC' };

  test('what is due outside of it waits until it opens, and says so', async () => {
    const { state, scheduled, pass } = watch({ everyMs: HOUR }, null, night);
    expect(scheduled.next).toEqual(new Date('2026-01-02T04:00:00Z'));
    await pass(2 * HOUR);
    expect(state.done).toEqual(['04:00:00']);
    scheduled.stop();
  });

  test('what is due again inside of it is done again, and what is due after its end is done in the next', async () => {
    const { state, scheduled, pass } = watch(hourly, null, night);
    await pass(12 * HOUR);
    expect(state.done).toEqual(['04:00:00', '05:00:00']);
    expect(scheduled.next).toEqual(new Date('2026-01-03T04:00:00Z'));
    scheduled.stop();
  });

  test('what could not be done before it closed is tried again when it opens, and not before', async () => {
    const { state, scheduled, pass } = watch({ everyMs: HOUR }, null, night);
    state.can = false;
    await pass(4 * HOUR);
    state.can = true;
    await pass(20 * HOUR);
    expect(state.done).toEqual([]);
    await pass(1.5 * HOUR);
    expect(state.done).toEqual(['04:00:00']);
    scheduled.stop();
  });
});

test('a cron pattern is read in its own time zone, in the nights in which clocks are set, too', async () => {
  vi.setSystemTime(new Date('2026-03-27T12:00:00Z'));
  const done: string[] = [];
  let lastDone: Date | null = null;
  const scheduled = new Schedule({
    schedule: { cron: '30 3 * * *', timeZone: 'Europe/Berlin' },
    lastDone: () => lastDone,
    work: () => {
      lastDone = new Date();
      done.push(lastDone.toISOString().slice(5, 16));
      return Promise.resolve(true);
    },
    onError: (error) => void expect.unreachable(String(error)),
  });
  scheduled.start();
  await vi.advanceTimersByTimeAsync(60 * HOUR);
  expect(done).toEqual(['03-28T02:30', '03-29T01:30']);
  scheduled.stop();
});

describe('by a clock that is set while it is waited for', () => {
  const at = '2026-01-02T';
  const nightly = { cron: '0 3 * * *', timeZone: 'UTC' };

  test('work by a pattern is done when the clock shows it: not before, and not much later', async () => {
    const { state, scheduled, pass } = watch(nightly, new Date('2026-01-01T12:00:00Z'));
    vi.setSystemTime(new Date(`${at}00:00:00Z`));
    await pass(2.5 * HOUR);
    expect(state.done).toEqual([]);
    await pass(0.6 * HOUR);
    expect(state.done).toEqual(['03:00:00']);
    vi.setSystemTime(new Date('2026-01-03T05:00:00Z'));
    await pass(2 * 60 * SECOND);
    expect(state.done).toHaveLength(2);
    scheduled.stop();
  });

  test('work by a pattern that a clock years ahead showed is done by the clock of now', async () => {
    const { state, scheduled, pass } = watch(nightly);
    vi.setSystemTime(new Date('2031-01-02T04:00:00Z'));
    await pass(2 * 60 * SECOND);
    vi.setSystemTime(new Date(`${at}04:00:00Z`));
    await pass(24 * HOUR);
    expect(state.done.slice(-1)).toEqual(['03:00:00']);
    scheduled.stop();
  });

  test('work in a window is begun when the clock shows that it opens', async () => {
    const window = { from: 120, to: 300, timeZone: 'UTC' };
    vi.setSystemTime(new Date('2026-01-01T12:00:00Z'));
    const { state, scheduled, pass } = watch({ everyMs: HOUR }, null, window);
    await pass(60 * SECOND);
    vi.setSystemTime(new Date(`${at}02:30:00Z`));
    await pass(2 * 60 * SECOND);
    expect(state.done).toHaveLength(1);
    scheduled.stop();
  });
});
