import { quantile } from '../report/statistics.ts';
import type { Heartbeat, Truth } from './heartbeat.ts';
import type { TimedSample } from './lag-recorder.ts';

/** How a series of figures compares with the truth. */
export interface Score {
  samples: number;
  /** Share within one and a half sample periods of the truth, of those that are known. */
  within: number;
  p95ErrorMs: number;
  /** How many said 0 while the truth was above two sample periods. */
  wrongZeros: number;
  /** Share that said nothing: unknown, or the server's NULL. */
  unknown: number;
}

export interface Scores {
  lockstep: Score;
  /** The target's own figure, as of its last status reading. */
  server: Score;
  largestTruthMs: number;
}

export function score(samples: readonly TimedSample[], heartbeat: Heartbeat, periodMs: number): Scores {
  const truths = samples.map(({ at }) => heartbeat.truth(at));
  const of = (figures: (number | null)[]): Score => {
    const known = figures.flatMap((figure, i) => {
      const truth = truths[i];
      return figure === null || !truth ? [] : [{ figure, truth }];
    });
    const errors = known.map(({ figure, truth }) => errorOf(figure, truth));
    return {
      samples: figures.length,
      within: errors.filter((error) => error <= 1.5 * periodMs).length / errors.length,
      p95ErrorMs: quantile(errors, 0.95),
      wrongZeros: known.filter(({ figure, truth }) => figure === 0 && truth.atLeast > 2 * periodMs).length,
      unknown: 1 - known.length / figures.length,
    };
  };
  return {
    lockstep: of(samples.map(({ sample }) => sample.lagMs)),
    server: of(samples.map(({ sample }) => sample.serverLagMs)),
    largestTruthMs: Math.max(...truths.map(({ atMost }) => atMost)),
  };
}

function errorOf(figure: number, { atLeast, atMost }: Truth): number {
  return Math.max(0, atLeast - figure, figure - atMost);
}
