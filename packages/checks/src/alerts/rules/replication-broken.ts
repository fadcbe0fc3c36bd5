import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';
import { statusOfThreads } from './replication.ts';

/** A thread stopped on an error: it does not go on by itself. */
export function replicationBroken(pair: PairSnapshot): Condition {
  return condition(
    'replication-broken',
    { pair: pair.config.name },
    {
      status: statusOfThreads(pair.state, ['broken']),
      severity: 'CRITICAL',
      summary: 'Replication stopped on an error',
      evidence: pair.state.evidence,
      follows: lostConnections(pair),
    },
  );
}
