import { keyId, type KeyValues } from '../key/key.ts';
import type { SettleOptions } from './options.ts';
import { watchRows } from './watch-rows.ts';

const glance = { forMs: 40, minReads: 6 };

/**
 * The last question before a row is called different: does it hold still? A row that is toggled fast enough can show
 * the same wrong pair of versions in several rounds by chance; watched closely it shows more than one version.
 * Returns the ids of the rows that showed one version only, on each side.
 */
export async function steadyRows(keys: KeyValues[], options: SettleOptions): Promise<Set<string>> {
  const steady = new Set(keys.map(keyId));
  const { within, signal, statementMs } = options;
  // Mostly nothing moves at all, which needs no list of rows to be seen.
  if (await allHoldStill(keys, options)) return steady;
  for (const side of [options.source, options.target]) {
    const first = new Map<string, string>();
    await watchRows(side, keys, { within, signal, statementMs, ...glance }, (id, version) => {
      const known = first.get(id);
      if (known === undefined) first.set(id, version);
      else if (known !== version) steady.delete(id);
      return steady.size === 0;
    });
  }
  return steady;
}

async function allHoldStill(
  keys: KeyValues[],
  { source, target, within, signal, statementMs }: SettleOptions,
): Promise<boolean> {
  const query = { signal, timeoutMs: statementMs };
  for (const side of [source, target]) {
    const first = await side.digestOfKeys(keys, within, query);
    const end = performance.now() + glance.forMs;
    for (let reads = 1; reads < glance.minReads || performance.now() < end; reads++) {
      const { rows, sum, oversized } = await side.digestOfKeys(keys, within, query);
      if (rows !== first.rows || sum !== first.sum || oversized !== first.oversized) return false;
    }
  }
  return true;
}
