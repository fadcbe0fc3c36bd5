import type { LagSample } from '../engine.ts';
import type { TrueLag } from './lag-truth.ts';
import type { Lie } from './lie.ts';

/** Of floating-point sums. */
const hairMs = 0.01;

/** What a lag says that is not so; null where it is true, or says that nothing is known. */
export function judgeLag(sample: LagSample, { byPositionMs, byDataMs }: TrueLag): Lie | null {
  const { lagMs, uncertaintyMs, method, evidence } = sample;
  const atLeastMs = sample.atLeastMs ?? lagMs;
  if (lagMs === null || atLeastMs === null) return null;
  const atMostMs = uncertaintyMs === null ? Infinity : lagMs + uncertaintyMs;
  const says = `${method} says ${atLeastMs.toFixed(1)} to ${atMostMs.toFixed(1)} ms: ${evidence}`;
  if (byDataMs > atMostMs + hairMs) {
    return { kind: 'lag-below', sentence: `the lag is ${byDataMs.toFixed(1)} ms; ${says}` };
  }
  if (atLeastMs > byPositionMs + hairMs) {
    return { kind: 'lag-above', sentence: `the lag is ${byPositionMs.toFixed(1)} ms; ${says}` };
  }
  return null;
}
