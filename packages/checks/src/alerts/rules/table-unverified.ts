import { formatDuration } from '../../time/duration.ts';
import { condition, type Condition, type Subject } from '../condition.ts';
import type { PairSnapshot, StandingResult } from '../snapshot.ts';
import { replicationFaults } from './replication.ts';

/** The table was not decided for too long: every run gave up on it, or there was no run. */
export function tableUnverified(
  { verdict, reason, finishedAt }: StandingResult,
  subject: Subject,
  pair: PairSnapshot,
  at: Date,
  unverifiedForMs: number,
): Condition {
  const said = {
    severity: 'WARNING',
    summary: 'Table is not verified',
    keepFiringForMs: 0,
    follows: replicationFaults(pair),
  } as const;
  const undecided = verdict === 'UNVERIFIED' || verdict === 'ERROR';
  const age = at.getTime() - finishedAt.getTime();
  if (undecided) {
    return condition('table-unverified', subject, {
      ...said,
      status: heldBack(pair) ? 'unknown' : 'true',
      evidence: `${subject.table}: ${reason}`,
      forMs: unverifiedForMs,
    });
  }
  const stale = age > unverifiedForMs;
  return condition('table-unverified', subject, {
    ...said,
    status: !stale ? 'false' : heldBack(pair) ? 'unknown' : 'true',
    evidence: `${subject.table}: ${stale ? `last verified ${formatDuration(age)} ago: ` : ''}${reason}`,
    forMs: 0,
  });
}

/** A person paused the pair: that nothing is verified is no news. */
function heldBack({ state }: PairSnapshot): boolean {
  return state.paused;
}
