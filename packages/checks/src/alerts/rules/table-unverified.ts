import { formatDuration } from '../../time/duration.ts';
import { condition, type Condition, type Subject } from '../condition.ts';
import type { PairSnapshot, Snapshot, StandingResult } from '../snapshot.ts';
import { replicationFaults } from './replication.ts';

/** The table was not decided for too long: every run gave up on it, or there was no run. */
export function tableUnverified(
  result: StandingResult,
  subject: Subject,
  pair: PairSnapshot,
  snapshot: Snapshot,
): Condition {
  // A person paused the pair: that nothing is verified is no news.
  const status = pair.state.paused ? 'unknown' : 'true';
  const decided = isDecided(result);
  const age = formatDuration(ageOf(result, snapshot));
  const stale = decided && isUnverified(result, snapshot);
  return condition('table-unverified', subject, {
    status: isUnverified(result, snapshot) ? status : 'false',
    severity: 'WARNING',
    summary: 'Table is not verified',
    evidence: `${subject.table}: ${stale ? `last verified ${age} ago: ` : ''}${result.reason}`,
    // What is too old has lasted already.
    forMs: decided ? 0 : snapshot.unverifiedForMs,
    keepFiringForMs: 0,
    follows: replicationFaults(pair),
  });
}

/** Not decided, or so long ago that it says nothing of now. */
export function isUnverified(result: StandingResult, snapshot: Snapshot): boolean {
  return !isDecided(result) || ageOf(result, snapshot) > snapshot.unverifiedForMs;
}

function isDecided({ verdict }: StandingResult): boolean {
  return verdict !== 'UNVERIFIED' && verdict !== 'ERROR';
}

function ageOf({ finishedAt }: StandingResult, { at }: Snapshot): number {
  return at.getTime() - finishedAt.getTime();
}
