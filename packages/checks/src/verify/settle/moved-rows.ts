import { type Listed, type ListedRow, sameRow } from '../chunk/table-side.ts';
import type { KeyValues } from '../key/key.ts';
import type { SettleOptions } from './options.ts';
import { watch } from './watch.ts';

/** A row that a round showed to be the same. */
export interface Alike {
  key: KeyValues;
  id: string;
  /** What both sides had; undefined: no row. */
  row: ListedRow | undefined;
}

/** Why nothing is known of what is written all the time there. */
export function mayLackForGood(why: string): string {
  return `what is written all the time may lack something for good, for ${why}`;
}

/** As short as it can be: of a row that is written all the time there are moments in between. */
const atLeast = { forMs: 0, reads: 2 };

/**
 * Which of these rows are not proved to be the same on both sides where what is made of them depends on what they were.
 * A row that goes up and down, or on and on, has on the target at one position what it had on the source at another: so
 * the source is watched, and neither side may show anything else.
 */
export async function movedRows<T extends Alike>(rows: T[], options: SettleOptions): Promise<T[]> {
  if (rows.length === 0) return [];
  const { source, target, within, signal, statementMs: timeoutMs } = options;
  const keys = rows.map(({ key }) => key);
  const query = { signal, timeoutMs };
  const steady = new Set(rows);
  await watch<Listed>(
    options,
    {
      source: () => source.byKeys(keys, within, query),
      target: () => target.byKeys(keys, within, query),
      showsPending: false,
      atLeast,
    },
    (_, listed) => {
      for (const each of steady) if (!sameRow(listed.get(each.id), each.row)) steady.delete(each);
      return steady.size > 0;
    },
  );
  return rows.filter((each) => !steady.has(each));
}
