import type { Condition, WatchedState } from '../engine.ts';
import type { TrueLag } from './lag-truth.ts';
import type { Lie } from './lie.ts';

/** A lag that is known to within this is known. */
const resolutionMs = 1000;

/** Whether the lag is said to be small, or an alert of it to be over, while it is too large beyond all doubt. */
export function judgeState(
  { state, evidence }: Pick<WatchedState, 'state' | 'evidence'>,
  condition: Pick<Condition, 'status' | 'evidence'>,
  { byDataMs }: TrueLag,
  tooMuchMs: number,
): Lie[] {
  if (byDataMs < tooMuchMs + resolutionMs) return [];
  const lag = `the lag is ${byDataMs.toFixed(0)} ms, of which ${tooMuchMs} ms are too much`;
  const lies: Lie[] = [];
  if (state === 'in-sync' || state === 'delayed') {
    lies.push({ kind: 'state', sentence: `${lag}, and the state is ${state}: ${evidence}` });
  }
  if (condition.status === 'false') {
    lies.push({ kind: 'alert', sentence: `${lag}, and an alert would end: ${condition.evidence}` });
  }
  return lies;
}
