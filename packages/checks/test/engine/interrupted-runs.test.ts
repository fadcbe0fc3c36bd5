import { afterEach, expect, test, vi } from 'vitest';
import { whyAnew } from '../../src/engine/interrupted-runs.ts';
import type { Run } from '../../src/model/run.ts';
import type { DailyWindow } from '../../src/time/daily-window.ts';

const HOUR = 3_600_000;
const basis = { source: 'a', target: 'b', settings: 'c' };

afterEach(() => void vi.useRealTimers());

/** Of a run of a check that is due every hour, which was begun so long ago. */
function whyOf(agoMs: number, window?: DailyWindow): string | null {
  const run = { basis, trigger: 'schedule', startedAt: new Date(Date.now() - agoMs) } as Run;
  return whyAnew({ run, done: [], checkpoint: null }, basis, {
    schedule: { everyMs: HOUR },
    ...(window && { window }),
  });
}

test('a run that was cut off is gone on with until it is due again, and not when nobody knows how old it is', () => {
  expect(whyOf(HOUR / 2)).toBeNull();
  expect(whyOf(2 * HOUR)).toMatch(/^it was cut off at .+, and the check is due again since$/);
  expect(whyOf(-24 * HOUR)).toBe('when it was cut off is not known, for the clock was set back since');
});

test('a run that was cut off in its window is gone on with in the next one, and begun anew after a night without it', () => {
  const window: DailyWindow = { from: 120, to: 300, timeZone: 'UTC' };
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-03T02:00:00Z') });
  const cutOff = 21 * HOUR + 60_000;
  expect(whyOf(cutOff, window)).toBeNull();
  vi.setSystemTime(new Date('2026-01-04T02:00:00Z'));
  expect(whyOf(cutOff + 24 * HOUR, window)).toBe(
    'it was cut off at 2026-01-02 04:59:00 UTC, and a whole window has passed since',
  );
});
