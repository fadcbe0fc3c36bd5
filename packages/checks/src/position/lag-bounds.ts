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
 * What a sample says for certain; null when it says nothing. The target's own figure is in neither bound: it counts
 * whole seconds by two servers' clocks, either of which may be set, and was true when the status was read.
 */
export function lagBounds(
  sample: Pick<LagSample, 'lagMs' | 'atLeastMs' | 'uncertaintyMs'> | null,
  channel: { intendedDelayMs: number } | null,
): LagBounds | null {
  if (sample?.lagMs == null) return null;
  const { lagMs, atLeastMs = lagMs, uncertaintyMs } = sample;
  return {
    atLeastMs: beyondIntended(atLeastMs, channel),
    atMostMs: uncertaintyMs === null ? null : beyondIntended(lagMs + uncertaintyMs, channel),
  };
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
