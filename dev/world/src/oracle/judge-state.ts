import type { Condition, WatchedState } from '../engine.ts';
import type { TrueLag } from './lag-truth.ts';
import type { Lie } from './lie.ts';

/** A lag that is known to within this is known. */
const resolutionMs = 1000;

/**
 * Whether the lag is said to be small, or an alert of it to be over, while it is too large beyond all doubt; or the
 * other way round.
 */
export function judgeState(
  { state, evidence }: Pick<WatchedState, 'state' | 'evidence'>,
  condition: Pick<Condition, 'status' | 'evidence'>,
  { byDataMs, byPositionMs }: TrueLag,
  tooMuchMs: number,
): Lie[] {
  const lies: Lie[] = [];
  if (byPositionMs < tooMuchMs) {
    const lag = `the lag is ${byPositionMs.toFixed(1)} ms, and from ${tooMuchMs} ms on it is too much`;
    if (state === 'lagging') lies.push({ kind: 'state', sentence: `${lag}: ${evidence}` });
    if (condition.status === 'true') lies.push({ kind: 'alert', sentence: `${lag}: ${condition.evidence}` });
  }
  if (byDataMs < tooMuchMs + resolutionMs) return lies;
  const lag = `the lag is ${byDataMs.toFixed(0)} ms, of which ${tooMuchMs} ms are too much`;
  if (state === 'in-sync' || state === 'delayed') {
    lies.push({ kind: 'state', sentence: `${lag}, and the state is ${state}: ${evidence}` });
  }
  if (condition.status === 'false') {
    lies.push({ kind: 'alert', sentence: `${lag}, and an alert would end: ${condition.evidence}` });
  }
  return lies;
}
