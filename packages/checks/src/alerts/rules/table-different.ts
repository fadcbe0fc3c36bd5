import { differing } from '../../model/verdict.ts';
import { formatTableName } from '../../table-name.ts';
import { type Condition, condition, fingerprint, type Subject } from '../condition/condition.ts';
import type { StandingResult } from '../condition/snapshot.ts';

const statusOf = {
  DIFFERENT: 'true',
  MATCH: 'false',
  // Where columns differ, or the table is gone, it is not known of every row whether it is the same.
  SCHEMA_DIFFERS: 'unknown',
  MISSING: 'unknown',
  UNVERIFIED: 'unknown',
  ERROR: 'unknown',
} as const;

/** Rows are not the same, confirmed; only a match ends it. */
export function tableDifferent(result: StandingResult, subject: Subject): Condition {
  const { verdict, reason } = result;
  return condition('table-different', subject, {
    status: statusOf[verdict],
    severity: 'CRITICAL',
    summary: 'Table is different',
    evidence: `${formatTableName(result)}: ${reason}`,
    ...(result.differences && { size: differing(result.differences) }),
    forMs: 0,
    keepFiringForMs: 0,
    follows: [fingerprint('table-missing', subject)],
  });
}
