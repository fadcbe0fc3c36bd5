import {
  type DifferenceCounts,
  differing,
  type SchemaDifference,
  type Verdict,
} from '../../model/verdict.ts';

/** All that a run found out about a table, before it is put into one word. */
export interface Findings {
  differences: DifferenceCounts;
  schemaDifferences: SchemaDifference[];
  /** Why not all of the table could be decided. */
  undecided: string[];
  rowsCompared: number;
  comparing: 'rows' | 'count';
  /** What the verdict does not speak of. */
  notes: string[];
}

/** The graver word wins: a confirmed difference over a schema that is not the same over what is not known. */
export function verdictOf(findings: Findings): { verdict: Verdict; reason: string } {
  const { verdict, reason } = judge(findings);
  return { verdict, reason: [reason, ...findings.notes].join('; ') };
}

function judge(findings: Findings): { verdict: Verdict; reason: string } {
  const { differences, schemaDifferences, undecided, rowsCompared } = findings;
  const total = differing(differences);
  const also = [
    ...(schemaDifferences.length > 0 ? [schemaSentence(schemaDifferences)] : []),
    ...(undecided.length > 0 ? [`not all could be decided: ${undecided.join('; ')}`] : []),
  ];
  if (total > 0) {
    return { verdict: 'DIFFERENT', reason: [differenceSentence(differences), ...also].join('; ') };
  }
  if (schemaDifferences.length > 0) {
    const rows = undecided.length > 0 ? [] : [alike(findings)];
    return { verdict: 'SCHEMA_DIFFERS', reason: [...also, ...rows].join('; ') };
  }
  if (undecided.length > 0) return { verdict: 'UNVERIFIED', reason: undecided.join('; ') };
  const how =
    findings.comparing === 'count'
      ? `${count(rowsCompared, 'row')} on both sides`
      : `${count(rowsCompared, 'row')} compared, all the same`;
  return { verdict: 'MATCH', reason: how };
}

/** Of rows whose tables are not quite the same: a virtual column is on both sides, and its values are not compared. */
function alike({ rowsCompared, comparing }: Findings): string {
  const rows = count(rowsCompared, 'row');
  if (comparing === 'count') return `${rows} on both sides`;
  return `the ${rows} ${rowsCompared === 1 ? 'matches' : 'match'} in what both sides store`;
}

export function differenceSentence({ missing, surplus, changed }: DifferenceCounts): string {
  const parts = [
    changed > 0 && `${count(changed, 'row')} changed`,
    missing > 0 && `${count(missing, 'row')} missing on the target`,
    surplus > 0 && `${count(surplus, 'row')} on the target only`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

function schemaSentence(differences: SchemaDifference[]): string {
  const shown = differences.slice(0, 3).map(({ message }) => message);
  const more = differences.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}
