import type { QueryOptions } from '../../server/sql-server.ts';
import { keyId, type KeyValues } from '../key/key.ts';
import { Endless } from '../undecidable.ts';
import type { Chunk } from './chunk.ts';
import type { ChunkSizer } from './chunk-sizer.ts';
import { isInteger, reckonBoundary } from './integer-range.ts';
import type { TableSide } from './table-side.ts';
import { shrinkAttempts, wasTooMuch } from './too-much.ts';

/** How it is asked where a chunk ends. */
export interface LookUp {
  query: QueryOptions;
  /** Asks, and again where a server was lost meanwhile. */
  again: (ask: () => Promise<KeyValues | null>) => Promise<KeyValues | null>;
}

/**
 * Cuts a range of the source's key into chunks, in order. Where a chunk ends is looked up on the source, while the one
 * before it is being compared, so that looking up and hashing overlap. Where the key counts on without great gaps, it
 * is reckoned instead: walking over the rows twice costs a fifth of the whole comparison.
 */
export async function* chunksOf(
  source: TableSide,
  sizer: ChunkSizer,
  within: Chunk,
  lookUp: LookUp,
): AsyncGenerator<Chunk, void> {
  const { key } = source;
  if (!key) throw new TypeError('a table without a key has no chunks');
  const boundary = (from: KeyValues | null): Promise<KeyValues | null> => {
    // Within a given range it must end where that ends, which a reckoned boundary does not know.
    const reckoned = sizer.dense && within.to === null ? reckonBoundary(key, from, sizer.rows) : null;
    if (reckoned) return Promise.resolve(reckoned);
    const pending = endOf(source, sizer, { from, to: within.to }, lookUp);
    // Awaited one chunk later; until then a failure has nobody to hear it.
    pending.catch(() => undefined);
    return pending;
  };
  let from = within.from;
  let pending = boundary(from);
  for (;;) {
    const to = await pending;
    if (!to || endsAt(within, to)) {
      yield { from, to: within.to };
      return;
    }
    pending = boundary(to);
    yield { from, to };
    from = to;
  }
}

/** Where the first chunk of a range ends, or one of fewer rows where that is too much to look up. */
async function endOf(
  source: TableSide,
  sizer: ChunkSizer,
  range: Chunk,
  { query, again }: LookUp,
): Promise<KeyValues | null> {
  for (let attempts = shrinkAttempts; ; attempts--) {
    try {
      return await again(() => source.boundary(range, sizer.rows, query));
    } catch (error) {
      if (attempts === 0 || !wasTooMuch(error)) throw error;
      sizer.shrink();
    }
  }
}

/** The boundary is the end of the range itself: nothing of the range is left behind it. */
export function endsAt({ to }: Chunk, boundary: KeyValues): boolean {
  return to !== null && keyId(to) === keyId(boundary);
}

/**
 * A chunk without rows although `to` was the key of one of its rows: either they were deleted, and what comes behind
 * `from` comes behind `to` as well; or the key does not sort as it is printed, and the chunks would begin anew for
 * ever. Rejects with Endless then.
 */
export async function mustBeBehind(side: TableSide, { from, to }: Chunk, query: QueryOptions): Promise<void> {
  // Whole numbers are reckoned with here.
  if (!from || !to || !side.key || isInteger(side.key)) return;
  const next = async (behind: KeyValues) => {
    const key = await side.boundary({ from: behind, to: null }, 1, query);
    return key && keyId(key);
  };
  const [start, end] = [keyId(from), keyId(to)];
  // Asked twice, for rows come and go between the two questions.
  for (let attempt = 0; start !== end && attempt < 2; attempt++) {
    if ((await next(from)) === (await next(to))) return;
  }
  throw new Endless(
    'its key does not sort as it is printed: what a chunk ends with is not behind what it begins with, so none ends',
  );
}
