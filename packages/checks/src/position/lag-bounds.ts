import type { LagSample } from '../model/lag.ts';
import { beyondIntended } from './beyond-intended.ts';

/** The lag beyond what is intended lies between the two; `atMostMs` null: nobody knows how large it is at most. */
export interface LagBounds {
  atLeastMs: number;
  atMostMs: number | null;
  /** What is known to within this is known; absent: `resolutionMs`. */
  resolutionMs?: number;
}

/** The watch looks several times a second: a lag that is known to within this is known. */
export const resolutionMs = 1000;
/** A source is asked for its place in its binlog once a second, and its targets in between. */
const fileResolutionMs = 1500;

/**
 * What a sample says for certain; null when it says nothing. The target's own figure is in neither bound: it counts
 * whole seconds by two servers' clocks, either of which may be set, and was true when the status was read.
 * `delayBeforeMs`: of a channel that cannot be seen now, what was intended when it could: it may be so still, or not.
 */
export function lagBounds(
  sample:
    | (Pick<LagSample, 'lagMs' | 'atLeastMs' | 'uncertaintyMs'> & { method?: LagSample['method'] })
    | null,
  channel: { intendedDelayMs: number } | null,
  delayBeforeMs = 0,
): LagBounds | null {
  if (sample?.lagMs == null) return null;
  const { lagMs, atLeastMs = lagMs, uncertaintyMs } = sample;
  return {
    atLeastMs: Math.max(0, beyondIntended(atLeastMs, channel) - delayBeforeMs),
    atMostMs: uncertaintyMs === null ? null : beyondIntended(lagMs + uncertaintyMs, channel),
    ...(sample.method === 'file' && { resolutionMs: fileResolutionMs }),
  };
}

/**
 * Whether the lag has come to a threshold: the one answer for states, alerts and throttling. Only the upper bound can
 * say no, and an estimate has none.
 */
export function reaches(bounds: LagBounds | null, thresholdMs: number): 'yes' | 'no' | 'unknown' {
  if (bounds === null) return 'unknown';
  const { atLeastMs, atMostMs } = bounds;
  const known = bounds.resolutionMs ?? resolutionMs;
  if (atLeastMs >= thresholdMs) return 'yes';
  if (atMostMs === null) return 'unknown';
  return atMostMs < thresholdMs || atMostMs - atLeastMs <= known ? 'no' : 'unknown';
}
