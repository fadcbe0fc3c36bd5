import { performance } from 'node:perf_hooks';
import type { Chunk } from '../chunk/chunk.ts';
import type { TableSide } from '../chunk/table-side.ts';
import { keyId, type KeyValues } from '../key/key.ts';

export interface WatchOptions {
  within: Chunk;
  signal: AbortSignal;
  statementMs: number;
  /** Reads for at least so long, and at least so often: over a slow link a short moment holds few reads. */
  forMs: number;
  minReads: number;
}

/**
 * Reads rows again and again for a moment. `see` gets every version of every row (`absent` where there is none) and
 * ends it early by returning true.
 */
export async function watchRows(
  side: TableSide,
  keys: KeyValues[],
  { within, signal, statementMs, forMs, minReads }: WatchOptions,
  see: (id: string, version: string) => boolean,
): Promise<void> {
  const end = performance.now() + forMs;
  const ids = keys.map(keyId);
  for (let reads = 0; reads < minReads || performance.now() < end; reads++) {
    const rows = await side.byKeys(keys, within, { signal, timeoutMs: statementMs });
    let done = false;
    for (const id of ids) {
      const row = rows.get(id);
      // A row too large to be hashed shows no version: nothing may be concluded from it.
      if (row?.hash !== null) done = see(id, row?.hash ?? 'absent');
    }
    if (done) return;
  }
}
