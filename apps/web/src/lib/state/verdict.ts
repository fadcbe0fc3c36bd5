import type { NewResult, Table, TableResult, Verdict } from '#lib/api/documents/table.ts';
import type { StateWord } from './tone.ts';

const words: Record<Verdict, StateWord> = {
  MATCH: { tone: 'ok', word: 'Match' },
  DIFFERENT: { tone: 'different', word: 'Different' },
  SCHEMA_DIFFERS: { tone: 'different', word: 'Schema differs' },
  MISSING: { tone: 'different', word: 'Missing' },
  UNVERIFIED: { tone: 'unknown', word: 'Unverified' },
  ERROR: { tone: 'stopped', word: 'Error' },
};

export function verdictWord(verdict: Verdict): StateWord {
  return words[verdict];
}

export const neverVerified: StateWord = { tone: 'unknown', word: 'Not yet verified' };
export const checkingWord: StateWord = { tone: 'busy', word: 'Checking' };

const order: Verdict[] = ['DIFFERENT', 'MISSING', 'SCHEMA_DIFFERS', 'ERROR', 'UNVERIFIED', 'MATCH'];

type Results = Pick<Table, 'checksum' | 'consistency' | 'standing'>;

/** The result that says what is known of a table now; null while there is none. */
export function standingResult({ standing, checksum, consistency }: Results): TableResult | null {
  return standing && (standing.check === 'CHECKSUM' ? checksum : consistency);
}

/** The table with a new result of one of its checks. */
export function withResult<Of extends Results>(table: Of, { stands, ...result }: NewResult): Of {
  const [field, other] =
    result.check === 'CHECKSUM'
      ? (['checksum', 'consistency'] as const)
      : (['consistency', 'checksum'] as const);
  return { ...table, [field]: result, standing: stands ? result : table[other] };
}

/** Smaller is worse; tables that were never looked at come just before those that match. */
export function tableRank(table: Results): number {
  const result = standingResult(table);
  return result ? order.indexOf(result.verdict) : order.indexOf('MATCH') - 0.5;
}

/** Rows that are not the same, of whatever kind. */
export function differing({ missing, surplus, changed }: TableResult['differences']): number {
  return missing + surplus + changed;
}

/** e.g. "3 rows differ", "2 rows missing, 1 surplus". */
export function differencesText(differences: TableResult['differences']): string {
  const { missing, surplus, changed } = differences;
  const parts = [
    changed > 0 && `${changed} changed`,
    missing > 0 && `${missing} missing`,
    surplus > 0 && `${surplus} surplus`,
  ].filter((part) => part !== false);
  const rows = differing(differences);
  return parts.length === 0
    ? 'no rows differ'
    : `${rows === 1 ? '1 row' : `${rows} rows`}: ${parts.join(', ')}`;
}
