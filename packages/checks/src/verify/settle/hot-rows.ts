import { keyId, type KeyValues } from '../key/key.ts';
import type { SettleOptions } from './options.ts';
import { watchRows } from './watch-rows.ts';

/** More rows than this are too many to be watched one by one. */
const maxWatched = 50;
const attempts = 6;
const burst = { forMs: 60, minReads: 16 };
/** A target that applies in bursts shows the versions later than it should: look somewhat longer there. */
const targetBurst = { forMs: 240, minReads: 32 };

/**
 * For rows that are written faster than a round takes. Watches a row on the source for a moment, noting every version
 * it shows, waits until the target has come to that moment, and watches the target: one version in common proves that
 * the target went through a state of the source's. Returns the rows for which none was seen: nothing is known of
 * those.
 */
export async function hotRows(keys: KeyValues[], options: SettleOptions): Promise<KeyValues[]> {
  if (keys.length === 0 || keys.length > maxWatched) return keys;
  const { barrier, within, signal, statementMs } = options;
  let open = keys;
  for (let attempt = 0; attempt < attempts && open.length > 0; attempt++) {
    const start = await barrier.sourcePosition(signal);
    const versions = new Map(open.map((key) => [keyId(key), new Set<string>()]));
    await watchRows(options.source, open, { within, signal, statementMs, ...burst }, (id, version) => {
      versions.get(id)?.add(version);
      return false;
    });
    await barrier.untilTargetHas(start, signal);
    const unseen = new Set(versions.keys());
    await watchRows(options.target, open, { within, signal, statementMs, ...targetBurst }, (id, version) => {
      if (versions.get(id)?.has(version)) unseen.delete(id);
      return unseen.size === 0;
    });
    open = open.filter((key) => unseen.has(keyId(key)));
  }
  return open;
}
