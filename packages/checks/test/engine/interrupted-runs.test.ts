import { expect, test } from 'vitest';
import { whyAnew } from '../../src/engine/interrupted-runs.ts';
import type { Run } from '../../src/model/run.ts';

const HOUR = 3_600_000;
const basis = { source: 'a', target: 'b', settings: 'c' };

/** Of a run of a check that is due every hour, which was begun so long ago. */
function whyOf(agoMs: number): string | null {
  const run = { basis, startedAt: new Date(Date.now() - agoMs) } as Run;
  return whyAnew({ run, done: [], checkpoint: null }, basis, { everyMs: HOUR });
}

test('a run that was cut off is gone on with until it is due again, and not when nobody knows how old it is', () => {
  expect(whyOf(HOUR / 2)).toBeNull();
  expect(whyOf(2 * HOUR)).toMatch(/^it was cut off at .+, and the check is due again since$/);
  expect(whyOf(-24 * HOUR)).toBe('when it was cut off is not known, for the clock was set back since');
});
