import type { Client } from '@urql/core';
import { type ComparedTable, differencesOfTable, type RowDifference } from './documents/table.ts';
import { problemText } from './problem.ts';

/** Rows on a page: as many as the service gives at once. */
const first = 200;

/**
 * All rows that were kept of what a check found, page after page. Rejects with a sentence when one cannot be read, or
 * when another result took the place of this one meanwhile.
 */
export async function everyRow(
  api: Client,
  table: { pair: string; schema: string; table: string },
  check: 'CHECKSUM' | 'CONSISTENCY',
): Promise<RowDifference[]> {
  const rows: RowDifference[] = [];
  let after: string | null = null;
  let finishedAt: string | undefined;
  for (;;) {
    const page: { first: number; after: string | null } = { first, after };
    const answer = await api.query(differencesOfTable, { ...table, ...page }).toPromise();
    if (answer.error) throw new Error(problemText(answer.error));
    const found: ComparedTable | null | undefined = answer.data?.pair?.table;
    const result: ComparedTable['checksum'] | undefined =
      check === 'CHECKSUM' ? found?.checksum : found?.consistency;
    if (!result || (finishedAt ?? result.finishedAt) !== result.finishedAt) {
      throw new Error('The table was checked again meanwhile: ask once more.');
    }
    ({ finishedAt } = result);
    rows.push(...result.rows.nodes);
    if (!result.rows.pageInfo.hasNextPage) return rows;
    after = result.rows.pageInfo.endCursor;
  }
}
