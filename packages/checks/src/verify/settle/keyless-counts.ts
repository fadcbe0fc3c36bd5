import type { QueryOptions } from '../../server/sql-server.ts';
import type { TableSide } from '../chunk/table-side.ts';

/** How many rows a side has of each content, by its hash. */
export type Counts = Map<string, number>;

/** Asks a side for that, of these contents; null: of all that there are. */
export type Count = (side: TableSide, hashes: string[] | null, query: QueryOptions) => Promise<Counts>;

/** Of more contents than these the whole table is listed at every look. */
const fewContents = 200;
/** So many hashes go into one statement, which reads the whole table. */
const hashesAtOnce = 2000;

/** Of the rows that fit the condition, where there is one. */
export function countingFit(maxRows: number): Count {
  return async (side, hashes, query) => {
    const asked = { ...query, maxRows };
    // What has no hash, for its size, is not found by one.
    const whole = hashes === null || hashes.length > fewContents || hashes.includes('');
    if (whole) return await side.multiset(asked);
    return countsIn(await side.contents(hashes, [], asked));
  };
}

/** Of the rows that there are, whatever a side takes for such as fit. */
export const countingAll: Count = async (side, hashes, query) => {
  const counts: Counts = new Map();
  for (let i = 0; i < (hashes?.length ?? 0); i += hashesAtOnce) {
    const batch = hashes!.slice(i, i + hashesAtOnce);
    const asked = { ...query, maxRows: batch.length };
    for (const [hash, rows] of countsIn(await side.contents(batch, [], asked, false))) counts.set(hash, rows);
  }
  return counts;
};

function countsIn(contents: Map<string, { rows: number }>): Counts {
  return new Map([...contents].map(([hash, { rows }]) => [hash, rows]));
}
