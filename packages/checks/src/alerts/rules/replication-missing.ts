import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';
import { statusIn } from './replication.ts';

/**
 * Replication was configured and is not any more. After a restart nobody remembers that it was: then the pair is "not
 * configured", which raises nothing, but does not end the alert either.
 */
export function replicationMissing(pair: PairSnapshot): Condition {
  const { state, evidence } = pair.state;
  return condition(
    'replication-missing',
    { pair: pair.config.name },
    {
      status: statusIn(state, ['vanished']),
      severity: 'CRITICAL',
      ...(state === 'not-configured' && { keeps: 'CRITICAL' as const }),
      summary: 'Replication is not configured any more',
      evidence,
      follows: lostConnections(pair),
    },
  );
}
