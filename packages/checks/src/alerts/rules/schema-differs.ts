import { formatTableName } from '../../table-name.ts';
import { type Condition, condition, fingerprint, type Subject } from '../condition/condition.ts';
import type { StandingResult } from '../condition/snapshot.ts';

/** Characters of all of them together: the whole list is with the result. */
const mostChars = 3_000;

/** Columns, types, keys or character sets are not the same. */
export function schemaDiffers(result: StandingResult, subject: Subject): Condition {
  const differences = result.schemaDifferences.map(({ message }) => message);
  return condition('schema-differs', subject, {
    status: status(result),
    severity: 'WARNING',
    summary: 'Table definitions differ',
    evidence: `${formatTableName(result)}: ${differences.length > 0 ? listed(differences) : result.reason}`,
    forMs: 0,
    keepFiringForMs: 0,
    follows: [fingerprint('table-missing', subject)],
  });
}

/** One at least. */
function listed(differences: readonly string[]): string {
  let chars = 0;
  const told = differences.filter((message, i) => (chars += message.length) <= mostChars || i === 0);
  const more = differences.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function status({ verdict, schemaDifferences }: StandingResult): Condition['status'] {
  if (verdict === 'SCHEMA_DIFFERS') return 'true';
  if (verdict === 'MATCH' || verdict === 'DIFFERENT') return schemaDifferences.length > 0 ? 'true' : 'false';
  return 'unknown';
}
