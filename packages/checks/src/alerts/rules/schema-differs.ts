import { formatTableName } from '../../table-name.ts';
import { type Condition, condition, fingerprint, type Subject } from '../condition/condition.ts';
import type { StandingResult } from '../condition/snapshot.ts';

/** Columns, types, keys or character sets are not the same. */
export function schemaDiffers(result: StandingResult, subject: Subject): Condition {
  const differences = result.schemaDifferences.map(({ message }) => message);
  return condition('schema-differs', subject, {
    status: status(result),
    severity: 'WARNING',
    summary: 'Table definitions differ',
    evidence: `${formatTableName(result)}: ${differences.length > 0 ? differences.join('; ') : result.reason}`,
    forMs: 0,
    keepFiringForMs: 0,
    follows: [fingerprint('table-missing', subject)],
  });
}

function status({ verdict, schemaDifferences }: StandingResult): Condition['status'] {
  if (verdict === 'SCHEMA_DIFFERS') return 'true';
  if (verdict === 'MATCH' || verdict === 'DIFFERENT') return schemaDifferences.length > 0 ? 'true' : 'false';
  return 'unknown';
}
