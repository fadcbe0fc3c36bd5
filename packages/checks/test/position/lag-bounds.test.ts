import { describe, expect, test } from 'vitest';
import { lagBounds, reaches } from '../../src/position/lag-bounds.ts';

const sample = (lagMs: number | null, uncertaintyMs: number | null, serverLagMs: number | null = null) => ({
  lagMs,
  uncertaintyMs,
  serverLagMs,
});
/** By the target's own figure, of which so much is known. */
const estimate = (lagMs: number, atLeastMs: number) => ({ ...sample(lagMs, null, lagMs), atLeastMs });

describe('whether a lag has come to a threshold', () => {
  test.each([
    { lag: sample(12_000, 250), answer: 'yes' },
    { lag: sample(9000, 250), answer: 'no' },
    { lag: sample(0, 300), answer: 'no' },
    // Frozen for a minute: the lag may be anything in between.
    { lag: sample(215, 61_785), answer: 'unknown' },
    { lag: sample(215, 4000), answer: 'no' },
    // What the target says of it is by other clocks, and was so when the status was read.
    { lag: sample(215, 61_785, 60_000), answer: 'unknown' },
    { lag: estimate(90_000, 4000), answer: 'unknown' },
    { lag: estimate(90_000, 12_000), answer: 'yes' },
    { lag: sample(215, 250, 3_600_000), answer: 'no' },
    { lag: sample(4000, null), answer: 'unknown' },
    { lag: sample(12_000, null), answer: 'yes' },
    { lag: sample(null, null, 60_000), answer: 'unknown' },
    // At the edges: of the threshold, and of what is known to within the resolution.
    { lag: sample(10_000, null), answer: 'yes' },
    { lag: sample(5000, 4999), answer: 'no' },
    { lag: sample(5000, 5000), answer: 'unknown' },
    { lag: sample(9500, 1000), answer: 'no' },
    { lag: sample(9500, 1001), answer: 'unknown' },
    { lag: sample(9500, 1000, 60_000), answer: 'no' },
    { lag: sample(9500, 1001, 60_000), answer: 'unknown' },
    { lag: sample(0, null, 60_000), answer: 'unknown' },
    { lag: sample(0, 9000, 60_000), answer: 'no' },
  ])('$lag.lagMs … + $lag.uncertaintyMs, by the target $lag.serverLagMs: $answer', ({ lag, answer }) => {
    expect(reaches(lagBounds(lag, null), 10_000)).toBe(answer);
  });

  test('is asked beyond the delay that is intended', () => {
    const delayed = { intendedDelayMs: 60_000 };
    expect(reaches(lagBounds(sample(65_000, 100), delayed), 10_000)).toBe('no');
    expect(reaches(lagBounds(sample(75_000, 100), delayed), 10_000)).toBe('yes');
    expect(reaches(lagBounds(sample(1000, 80_000), delayed), 10_000)).toBe('unknown');
  });
});
