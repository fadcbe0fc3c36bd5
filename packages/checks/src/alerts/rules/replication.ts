import type { PairConfig } from '../../config.ts';
import type { PairState, PairStateName } from '../../model/pair.ts';
import { type Condition, fingerprint } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';

/** What the pair's state says of a rule that is true in some states; an unknown state says nothing. */
export function statusIn(state: PairStateName, states: readonly PairStateName[]): Condition['status'] {
  if (state === 'unknown') return 'unknown';
  return states.includes(state) ? 'true' : 'false';
}

/**
 * The same of what only the replication status tells. While it cannot be read GTIDs may tell the lag, and with it a
 * state, but whether a thread that stopped runs again nobody knows.
 */
export function statusOfThreads(
  { state, replication }: PairState,
  states: readonly PairStateName[],
): Condition['status'] {
  const status = statusIn(state, states);
  return status === 'false' && replication?.channels === null ? 'unknown' : status;
}

/** What explains a delay of the pair: its servers are gone, or replication does not run. */
export function replicationFaults(pair: PairSnapshot): string[] {
  let said = known.get(pair.config);
  if (!said) {
    const subject = { pair: pair.config.name };
    said = [
      ...lostConnections(pair),
      fingerprint('replication-missing', subject),
      fingerprint('replication-broken', subject),
      fingerprint('replication-stopped', subject),
    ];
    known.set(pair.config, said);
  }
  return said;
}

const known = new WeakMap<PairConfig, string[]>();
