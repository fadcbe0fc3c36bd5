import type { LagSample } from '../model/lag.ts';
import { beyondIntended } from './beyond-intended.ts';

/** The lag beyond what is intended lies between the two; `atMostMs` null: nobody knows how large it is at most. */
export interface LagBounds {
  atLeastMs: number;
  atMostMs: number | null;
}

/** The watch looks several times a second: a lag that is known to within this is known. */
export const resolutionMs = 1000;

/**
 * What a sample says for certain; null when it says nothing. The target vouches by its own figure for a lag that
 * Lockstep did not see begin. Where that is more than can be, a clock is wrong.
 */
export function lagBounds(
  sample: Pick<LagSample, 'lagMs' | 'uncertaintyMs' | 'serverLagMs'> | null,
  channel: { intendedDelayMs: number } | null,
): LagBounds | null {
  if (sample?.lagMs == null) return null;
  const { lagMs, uncertaintyMs, serverLagMs } = sample;
  const atMostMs = uncertaintyMs === null ? null : lagMs + uncertaintyMs;
  return {
    atLeastMs: beyondIntended(atLeast(lagMs, atMostMs, serverLagMs), channel),
    atMostMs: atMostMs === null ? null : beyondIntended(atMostMs, channel),
  };
}

/** The larger of what was seen and what the target says, within what can be. */
export function atLeast(lagMs: number, atMostMs: number | null, serverLagMs: number | null): number {
  if (atMostMs !== null && atMostMs - lagMs <= resolutionMs) return lagMs;
  return Math.max(lagMs, Math.min(serverLagMs ?? 0, atMostMs ?? Infinity));
}

/**
 * Whether the lag has come to a threshold: the one answer for states, alerts and throttling. Only the upper bound can
 * say no, and an estimate has none.
 */
export function reaches(bounds: LagBounds | null, thresholdMs: number): 'yes' | 'no' | 'unknown' {
  if (bounds === null) return 'unknown';
  const { atLeastMs, atMostMs } = bounds;
  if (atLeastMs >= thresholdMs) return 'yes';
  if (atMostMs === null) return 'unknown';
  return atMostMs < thresholdMs || atMostMs - atLeastMs <= resolutionMs ? 'no' : 'unknown';
}
