import { readWaitingCommits } from '../../position/visible.ts';
import type { Chunk } from '../chunk/chunk.ts';
import { asOfOnePosition } from './as-of-one-position.ts';
import { type ChunkLook, sameDigest } from './look.ts';
import type { SettleOptions } from './options.ts';

/** Whether what a look showed was read as of one position; null: that was not asked. */
export type IsOfOne = (() => Promise<boolean>) | null;

/** To count so few rows once more costs less than to ask for positions. */
const fewRows = 1000;

/** Called before a look at about so many rows; `stoodStill` goes by its answer. */
export async function beforeLook(rows: number, options: SettleOptions): Promise<IsOfOne> {
  if (rows <= fewRows || (await options.goesOnToDiffer?.()) == null) return null;
  const { barrier, signal } = options;
  return (await barrier.sourcePosition(signal)) === null ? null : await asOfOnePosition(options);
}

/**
 * Whether what looked the same may be taken for it. Where what is made of a row depends on what it was, one that lacks
 * something for good comes to what its source was a moment ago, and the two are asked at two moments: so the source
 * must not have gone on, nor hide that it did while a commit waits for another replica.
 */
export async function stoodStill(
  chunk: Chunk,
  look: ChunkLook,
  options: SettleOptions,
  isOfOne: IsOfOne = null,
): Promise<boolean> {
  const { source, barrier, signal, statementMs: timeoutMs } = options;
  if (look.source.rows === 0 || (await options.goesOnToDiffer?.()) == null) return true;
  if (await isOfOne?.()) return true;
  if ((await readWaitingCommits(source.server, { signal })) > 0) {
    await barrier.untilSourceHas(await barrier.targetPosition(signal), signal);
  }
  return sameDigest(look.source, await source.digest(chunk, { signal, timeoutMs }));
}
