import type { QueryOptions } from '../server/sql-server.ts';
import type { Chunk } from './chunk.ts';
import type { ChunkSizer } from './chunk-sizer.ts';
import type { TableSide } from './table-side.ts';

/**
 * Cuts a range of the source's key into chunks, in order. The end of the next chunk is looked up while the last one is
 * being compared, so that looking up and hashing overlap.
 */
export async function* chunksOf(
  source: TableSide,
  sizer: ChunkSizer,
  within: Chunk,
  query: QueryOptions,
): AsyncGenerator<Chunk> {
  const boundary = (from: Chunk['from']) => {
    const pending = source.boundary({ from, to: within.to }, sizer.rows, query);
    // Awaited one chunk later; until then a failure has nobody to hear it.
    pending.catch(() => undefined);
    return pending;
  };
  let from = within.from;
  let pending = boundary(from);
  for (;;) {
    const to = await pending;
    if (!to) {
      yield { from, to: within.to };
      return;
    }
    pending = boundary(to);
    yield { from, to };
    from = to;
  }
}
