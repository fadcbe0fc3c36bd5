import type { LagSample } from '#lib/api/documents/lag.ts';

/** A lag value older than this says nothing about now. */
export const lagFreshMs = 5_000;

/** The newest sample of a pair together with what was last really known. */
export interface LagReading {
  sample: LagSample;
  /** Monotonic ms of its arrival. */
  received: number;
  /** The newest known value, of this sample or an earlier one; null when none was ever known here. */
  known: { ms: number; at: number } | null;
}

export function nextReading(before: LagReading | null, sample: LagSample, received: number): LagReading {
  const known =
    sample.lagMs === null ? (before?.known ?? null) : { ms: sample.lagMs, at: Date.parse(sample.at) };
  return { sample, received, known };
}

/** What may be said of the lag at this moment. */
export type LagNow =
  | { known: true; ms: number; uncertaintyMs: number | null; estimate: boolean }
  | { known: false; last: { ms: number; ageMs: number } | null };

/** `now`: the service's clock; `monotonic`: the clock that `received` was read from. */
export function lagNow(reading: LagReading | null, now: number, monotonic: number): LagNow {
  if (!reading) return { known: false, last: null };
  const { sample, received, known } = reading;
  if (sample.lagMs !== null && monotonic - received <= lagFreshMs) {
    return {
      known: true,
      ms: sample.lagMs,
      uncertaintyMs: sample.uncertaintyMs,
      estimate: sample.method === 'ESTIMATE',
    };
  }
  return { known: false, last: known && { ms: known.ms, ageMs: Math.max(0, now - known.at) } };
}
