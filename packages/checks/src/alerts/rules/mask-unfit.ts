import { formatTableName } from '../../table-name.ts';
import { type Condition, condition, type Subject } from '../condition/condition.ts';
import type { StandingResult } from '../condition/snapshot.ts';

/** A mask that was written for the table fits no column of it: somebody mistyped it, or the table was altered since. */
export function maskUnfit(result: StandingResult, subject: Subject): Condition {
  const { verdict, unfitMasks = [] } = result;
  const undecided = verdict === 'UNVERIFIED' || verdict === 'ERROR' || verdict === 'MISSING';
  const named = `${formatTableName(result)}: `;
  return condition('mask-unfit', subject, {
    status: unfitMasks.length > 0 ? 'true' : undecided ? 'unknown' : 'false',
    severity: 'WARNING',
    summary: 'A mask fits no column',
    evidence:
      unfitMasks.length > 0
        ? `${named}maskColumns names ${unfitMasks.join(', ')}, and no column is called so; until one is, none of the table's values are shown`
        : undecided
          ? `${named}${result.reason}`
          : `${named}every mask fits a column`,
    forMs: 0,
    keepFiringForMs: 0,
  });
}
