import type { LagSample } from '@lockstep/checks';
import { describe, expect, test } from 'vitest';
import { score } from '../src/lag/score.ts';

/** Samples at these moments, and what was true then: the one, or something between the two. */
function scored(moments: { truth: number | [number, number]; lag: number | null; server?: number | null }[]) {
  const samples = moments.map(({ lag, server = null }, at) => ({
    at,
    sample: { lagMs: lag, serverLagMs: server } as LagSample,
  }));
  const truth = (at: number) => {
    const [atLeast = 0, atMost = atLeast] = [moments[at]?.truth ?? 0].flat();
    return { atLeast, atMost };
  };
  return score(samples, { truth, stop: () => Promise.resolve() }, 250);
}

describe('a score', () => {
  test('counts a 0 as false only where the truth is above two periods', () => {
    const { lockstep } = scored([
      { truth: 0, lag: 0 },
      { truth: 500, lag: 0 },
      { truth: 501, lag: 0 },
      { truth: 9000, lag: 8000 },
    ]);
    expect(lockstep.wrongZeros).toBe(1);
  });

  test('counts what is not known as unknown, and not as an error', () => {
    const { lockstep } = scored([
      { truth: 5000, lag: null },
      { truth: 1000, lag: 1100 },
    ]);
    expect(lockstep).toMatchObject({ unknown: 0.5, within: 1, p95ErrorMs: 100, wrongZeros: 0 });
  });

  test('calls nothing wrong that may have been true between two readings', () => {
    const { lockstep } = scored([
      { truth: [0, 1900], lag: 0 },
      { truth: [0, 1900], lag: 900 },
      { truth: [600, 1900], lag: 0 },
      { truth: [600, 1900], lag: 2000 },
    ]);
    expect(lockstep).toMatchObject({ wrongZeros: 1, within: 0.75 });
  });

  test('tells errors up to one and a half periods from larger ones, above and below the truth', () => {
    const { lockstep } = scored([
      { truth: 1000, lag: 1375 },
      { truth: 1000, lag: 625 },
      { truth: 1000, lag: 1376 },
      { truth: 1000, lag: 624 },
    ]);
    expect(lockstep.within).toBe(0.5);
  });

  test('holds the server’s own figure to the same truth', () => {
    const { server, largestTruthMs } = scored([
      { truth: 3000, lag: 3000, server: 0 },
      { truth: 0, lag: 0, server: null },
    ]);
    expect(server).toMatchObject({ wrongZeros: 1, unknown: 0.5, p95ErrorMs: 3000 });
    expect(largestTruthMs).toBe(3000);
  });
});
