import type { Verdict } from '../../model/verdict.ts';
import type { CatalogEntry } from '../table/catalog.ts';
import type { WantedTables } from './wanted-tables.ts';

/** What a finished run is told by, in one sentence. */
export function runSummary(
  verdicts: Partial<Record<Verdict, number>>,
  tables: number,
  { unmatched, idleSettings, notCompared, notTheUsers }: Omit<WantedTables, 'tables'>,
): string {
  const parts = [
    tables === 0
      ? 'UNVERIFIED, no table to compare: none fits the patterns, or the account may see none (SELECT on the schemas is needed on both sides)'
      : Object.entries(verdicts)
          .map(([verdict, n]) => `${n} ${verdict}`)
          .join(', '),
  ];
  if (unmatched.length > 0) parts.push(`no table that the account may see fits ${unmatched.join(', ')}`);
  if (idleSettings.length > 0) parts.push(`the settings of ${idleSettings.join(', ')} hold for no table`);
  if (notCompared.length > 0) parts.push(`not compared: ${countKinds(notCompared)}`);
  if (notTheUsers.length > 0) {
    parts.push(
      `left alone, as a provider's or a tool's own that no pattern names: ${notTheUsers.join(', ')}`,
    );
  }
  return parts.join('; ');
}

/** e.g. "2 views, 1 sequence". */
function countKinds(entries: CatalogEntry[]): string {
  return (['view', 'sequence'] as const)
    .map((kind) => ({ kind, n: entries.filter((entry) => entry.kind === kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ kind, n }) => `${n} ${kind}${n === 1 ? '' : 's'}`)
    .join(', ');
}
