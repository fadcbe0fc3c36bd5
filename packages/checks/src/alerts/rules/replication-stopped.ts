import { type Condition, condition, fingerprint } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';
import { statusOfThreads } from './replication.ts';

/** Nothing is replicated: somebody stopped a thread, or the replica cannot reach its source. */
export function replicationStopped(pair: PairSnapshot): Condition {
  const { state, evidence } = pair.state;
  const subject = { pair: pair.config.name };
  return condition('replication-stopped', subject, {
    status: statusOfThreads(pair.state, ['stopped', 'connecting']),
    severity: 'CRITICAL',
    summary: state === 'connecting' ? 'Replica cannot reach its source' : 'Replication is stopped',
    evidence,
    follows: [...lostConnections(pair), fingerprint('replication-broken', subject)],
  });
}
