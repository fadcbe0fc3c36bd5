import type { LagSample } from '../model/lag.ts';
import type { PairStateName } from '../model/pair.ts';

export interface Glimpse {
  /** Both servers are connected. */
  reached: boolean;
  /** It is known how positions are compared. */
  routed: boolean;
  /** The latest; null before the first. */
  sample: LagSample | null;
  state: PairStateName;
}

/** In these nothing better will come: there is no replication whose lag could be known. */
const settled: readonly PairStateName[] = ['broken', 'stopped', 'not-configured'];

/** Whether somebody who waits for a pair's lag has all that there will be. */
export function isKnownEnough({ reached, routed, sample, state }: Glimpse): boolean {
  if (!reached) return true;
  if (!routed || sample === null) return false;
  return (sample.lagMs !== null && sample.method !== 'estimate') || settled.includes(state);
}
