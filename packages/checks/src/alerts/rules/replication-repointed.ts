import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';

/**
 * The target reads from another server than before: what the pair compares may not be what replicates. After a restart
 * nobody remembers what it read from, which raises nothing, but does not end the alert either.
 */
export function replicationRepointed(pair: PairSnapshot): Condition {
  const { config, state } = pair;
  const { direct = null, repointed = null, evidence = state.evidence } = state.replication ?? {};
  return condition(
    'replication-repointed',
    { pair: config.name },
    {
      status: direct === null ? 'unknown' : repointed ? 'true' : 'false',
      severity: 'WARNING',
      ...(direct === false && { keeps: 'WARNING' as const }),
      summary: 'Replica reads from another server',
      evidence: `${config.target} ${evidence}`,
      follows: lostConnections(pair),
    },
  );
}
