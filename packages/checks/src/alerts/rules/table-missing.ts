import { formatTableName } from '../../table-name.ts';
import { type Condition, condition, type Subject } from '../condition/condition.ts';
import type { StandingResult } from '../condition/snapshot.ts';

const statusOf = {
  MISSING: 'true',
  MATCH: 'false',
  DIFFERENT: 'false',
  SCHEMA_DIFFERS: 'false',
  UNVERIFIED: 'unknown',
  ERROR: 'unknown',
} as const;

/** The table exists on one side only; where a replication filter explains it, that is no verdict, and worth a look. */
export function tableMissing(result: StandingResult, subject: Subject): Condition {
  const { verdict, reason, excludedBy } = result;
  return condition('table-missing', subject, {
    status: verdict === 'UNVERIFIED' && excludedBy !== undefined ? 'true' : statusOf[verdict],
    severity: 'CRITICAL',
    summary: 'Table is missing',
    evidence: `${formatTableName(result)}: ${reason}`,
    forMs: 0,
    keepFiringForMs: 0,
  });
}
