import { type Listed, sameRow } from '../chunk/table-side.ts';
import type { KeyValues } from '../key/key.ts';
import { Undecidable } from '../undecidable.ts';
import type { SettleOptions } from './options.ts';
import { sandwich } from './sandwich.ts';

export interface Suspects {
  /** Rows that are not the same in one careful look, by the ids of their keys. */
  keys: Map<string, KeyValues>;
  /** Those of them whose key, as it is printed, several rows have. */
  ambiguous: Set<string>;
  /** How many rows the target listed. */
  rows: number;
}

/** So many may have come since they were counted. */
const newRows = 1000;

/** Lists a part of the table on both sides, of about `rows` rows. */
export async function listSuspects(rows: number, options: SettleOptions): Promise<Suspects> {
  const { source, target, within, barrier, signal, statementMs } = options;
  const query = { signal, timeoutMs: statementMs };
  const limit = rows * 2 + newRows;
  const mayGoOn = (await options.goesOnToDiffer?.()) != null;
  const {
    before,
    target: there,
    after,
  } = await sandwich(
    barrier,
    () => source.list(within, limit, query),
    () => target.list(within, limit, query),
    signal,
  );
  if ([before, there, after].some((listed) => count(listed) >= limit)) {
    throw new Undecidable(
      `a part of the table grew from ${rows} to over ${limit} rows while it was being compared`,
    );
  }
  const suspects: Suspects = { keys: new Map(), ambiguous: new Set(), rows: count(there) };
  const suspect = (id: string, key: KeyValues) => {
    suspects.keys.set(id, key);
    if ([before, there, after].some((listed) => (listed.get(id)?.copies ?? 1) > 1)) {
      suspects.ambiguous.add(id);
    }
  };
  for (const [id, row] of there) {
    const same = [before, after].filter((listed) => sameRow(row, listed.get(id))).length;
    // What went on from what it was on one side alone is as it was, or will be, on the other.
    if (row.hash === null || same < (mayGoOn ? 2 : 1)) suspect(id, row.key);
  }
  for (const [id, { key }] of before) {
    // Gone on the source as well: it was deleted in between.
    if (!there.has(id) && after.has(id)) suspect(id, key);
  }
  return suspects;
}

function count(listed: Listed): number {
  let rows = 0;
  for (const { copies } of listed.values()) rows += copies;
  return rows;
}
