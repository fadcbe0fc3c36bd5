import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';

/** The pair has checks, and none has ever come to its end: the rules on tables have nothing to judge. */
export function neverVerified(pair: PairSnapshot, unverifiedForMs: number): Condition {
  const { config, state, results, lastRuns } = pair;
  const storage = state.replication?.sameStorage ?? null;
  const enabled = config.checks.checksum.enabled || config.checks.consistency.enabled;
  const promised = enabled && storage === null;
  // A run that found no table has verified nothing.
  const ended = Object.values(lastRuns).filter((run) => run.state === 'finished');
  const ran = ended.some(({ progress }) => progress.tablesTotal > 0);
  const never = promised && !ran && results.length === 0;
  return condition(
    'table-unverified',
    { pair: config.name },
    {
      status: !never ? 'false' : state.paused ? 'unknown' : 'true',
      severity: 'WARNING',
      summary: 'Pair was never verified',
      evidence: never
        ? `no table of ${config.name} was ever verified${ended[0] ? `: ${ended[0].evidence}` : ''}`
        : promised
          ? `tables of ${config.name} were verified`
          : enabled
            ? `verified on request only: ${storage}`
            : `no check of ${config.name} is enabled`,
      forMs: unverifiedForMs,
      keepFiringForMs: 0,
      follows: lostConnections(pair),
    },
  );
}
