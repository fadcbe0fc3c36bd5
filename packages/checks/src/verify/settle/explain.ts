import { setTimeout as delay } from 'node:timers/promises';
import type { Digest } from '../chunk/table-side.ts';
import { Undecidable } from '../undecidable.ts';
import { type ChunkLook, sameDigest } from './look.ts';
import { mayLackForGood } from './moved-rows.ts';
import type { SettleOptions } from './options.ts';
import { sandwich } from './sandwich.ts';

/** What a way of settling makes of a part that looked unequal. */
export interface Explanation {
  /** Rows that were named as different, hot or oversized, or said to have no name. */
  told: number;
  /** How many of the target's rows it saw to be the same on both sides; null when it did not see to its end. */
  seen: number | null;
}

/** So often a part that is unequal without a reason is settled anew. */
const attempts = 4;

/**
 * The rule that every comparison ends by: an unequal digest is explained, or it is no match. Either rows are told, or
 * a further look at the digests is equal under the sandwich, or every row that the digests count was seen to be the
 * same, one by one: in a part that is written all the time no look at the whole need ever be equal. Rejects with
 * Undecidable where none of it holds, whatever the reason is: a match is not said by default.
 */
export async function explain(
  look: ChunkLook,
  options: SettleOptions,
  settle: () => Promise<Explanation>,
): Promise<void> {
  const query = { signal: options.signal, timeoutMs: options.statementMs };
  const counts = [look.target.rows];
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await delay(options.pauseMs(), undefined, { signal: options.signal });
    const { told, seen } = await settle();
    if (told > 0) return;
    const digests = await sandwich<Digest>(
      options.barrier,
      () => options.source.digest(options.within, query),
      () => options.target.digest(options.within, query),
      options.signal,
    );
    const { before, target, after } = digests;
    const same = [before, after].filter((digest) => sameDigest(target, digest)).length;
    if (same === 2 || (same === 1 && (await options.goesOnToDiffer?.()) == null)) return;
    counts.push(before.rows, target.rows, after.rows);
    if (seen !== null && seen >= Math.min(...counts) && seen <= Math.max(...counts)) return;
  }
  const why = (await options.goesOnToDiffer?.()) ?? null;
  throw new Undecidable(why === null ? 'it differs, and its rows cannot be named' : mayLackForGood(why));
}
