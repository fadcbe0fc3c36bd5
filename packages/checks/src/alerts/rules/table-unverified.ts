import { formatTableName } from '../../table-name.ts';
import { formatDuration } from '../../time/duration.ts';
import { type Condition, condition, type Subject } from '../condition/condition.ts';
import type { PairSnapshot, Snapshot, StandingResult } from '../condition/snapshot.ts';
import type { Well } from '../condition/told-apart.ts';
import { dueAgain } from './due.ts';
import { replicationFaults } from './replication.ts';

/** The table was not decided for too long: every run gave up on it, or there was no run when there should have been. */
export function tableUnverified(
  result: StandingResult,
  subject: Subject,
  pair: PairSnapshot,
  snapshot: Snapshot,
): Condition {
  // What a filter excludes is told by another rule.
  const excluded = result.verdict === 'UNVERIFIED' && result.excludedBy !== undefined;
  const unverified = !excluded && isUnverified(result, pair, snapshot);
  const decided = isDecided(result);
  const age = formatDuration(
    snapshot.at.getTime() - result.finishedAt.getTime() - Math.min(0, unseenMs(result, snapshot)),
  );
  return condition('table-unverified', subject, {
    // A person paused the pair: that nothing is verified is no news.
    status: !unverified ? 'false' : pair.state.paused ? 'unknown' : 'true',
    severity: 'WARNING',
    summary: 'Table is not verified',
    evidence: `${formatTableName(result)}: ${unverified && decided ? `last verified ${age} ago: ` : ''}${result.reason}`,
    // What is overdue has lasted already.
    forMs: decided ? 0 : snapshot.unverifiedForMs,
    keepFiringForMs: 0,
    follows: replicationFaults(pair),
  });
}

/**
 * Not decided, or decided so long ago that a run is overdue by as much as is allowed. A clock that is set forward makes
 * none overdue: the run that would have come has had no time to. One that is set back makes none young again.
 */
export function isUnverified(result: StandingResult, pair: PairSnapshot, snapshot: Snapshot): boolean {
  if (!isDecided(result)) return true;
  // No run is due where there is nothing to prove.
  if (pair.state.replication?.sameStorage) return false;
  const allowedUntil = snapshot.at.getTime() - unseenMs(result, snapshot) - snapshot.unverifiedForMs;
  if (result.finishedAt.getTime() >= allowedUntil) return false;
  const due = dueAgain(result, pair.config);
  return due !== null && due.getTime() < allowedUntil;
}

/**
 * None of these is unverified, told without a look at each: the oldest result is the first that is overdue, and of the
 * newest the least time passed unseen. False when a look is needed.
 */
export function allVerified({ oldest, newest }: Well, pair: PairSnapshot, snapshot: Snapshot): boolean {
  if (pair.state.replication?.sameStorage) return true;
  const allowedUntil = snapshot.at.getTime() - unseenMs(newest, snapshot) - snapshot.unverifiedForMs;
  if (oldest.finishedAt.getTime() >= allowedUntil) return true;
  const due = dueAgain(oldest, pair.config);
  return due === null || due.getTime() >= allowedUntil;
}

function unseenMs({ finishedAt }: StandingResult, { unseenSince }: Snapshot): number {
  return unseenSince?.(finishedAt) ?? 0;
}

function isDecided({ verdict }: StandingResult): boolean {
  return verdict !== 'UNVERIFIED' && verdict !== 'ERROR';
}
