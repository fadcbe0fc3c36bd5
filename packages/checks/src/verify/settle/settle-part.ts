import { setTimeout as delay } from 'node:timers/promises';
import { keyId, type KeyValues } from '../key/key.ts';
import { explain, type Explanation } from './explain.ts';
import type { ChunkLook } from './look.ts';
import type { SettleOptions } from './options.ts';
import { nothingSettled, type Settled } from './settle-rows.ts';
import { settleWherever } from './settle-wherever.ts';
import { listSuspects } from './suspects.ts';

/** Gets results as they come. */
export type Take = (settled: Settled) => Promise<void>;

/** So often rows that look different are sought anew by their keys before they are said to have no name. */
const attempts = 4;

/** Settles a part of the table that is small enough to be listed row by row. */
export function settlePart(look: ChunkLook, options: SettleOptions, take: Take): Promise<void> {
  const rows = Math.max(look.source.rows, look.target.rows);
  return explain(look, options, () => settleListed(rows, options, take));
}

/**
 * Each row is done with once it was seen to be the same, in a list or by its key. One that a list shows to differ and
 * that neither side finds by its key was deleted, and the next list does not have it; or its key does not name it.
 */
async function settleListed(rows: number, options: SettleOptions, take: Take): Promise<Explanation> {
  let told = 0;
  let seen = 0;
  let open: ReadonlyMap<string, KeyValues> | null = null;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await delay(options.pauseMs(), undefined, { signal: options.signal });
    const suspects = await listSuspects(rows, options);
    seen = suspects.rows;
    const left = new Map<string, KeyValues>();
    const byKey: KeyValues[] = [];
    for (const [id, key] of suspects.keys) {
      if (open && !open.has(id)) continue;
      if (suspects.ambiguous.has(id)) left.set(id, key);
      else byKey.push(key);
    }
    const settled = await settleWherever(byKey, options);
    for (const key of settled.lost) left.set(keyId(key), key);
    told += settled.confirmed.length + settled.hot.length + settled.oversized.length;
    told += settled.unproved.keys.length + (settled.apart ?? 0);
    await take({ ...settled, lost: [] });
    open = left;
    if (left.size === 0) break;
  }
  const lost = [...(open?.values() ?? [])];
  if (lost.length > 0) await take({ ...nothingSettled(), lost });
  return { told: told + lost.length, seen };
}
