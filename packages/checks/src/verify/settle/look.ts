import type { Chunk } from '../chunk/chunk.ts';
import type { Digest } from '../chunk/table-side.ts';
import type { SettleOptions } from './options.ts';

export interface ChunkLook {
  source: Digest;
  target: Digest;
}

/** What the server could not hash is in no digest, so it matches nothing. */
export function matches({ source, target }: ChunkLook): boolean {
  return sameDigest(source, target) && source.oversized === 0;
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return a.rows === b.rows && a.sum === b.sum && a.oversized === b.oversized;
}

/** The first look, and usually the last: both sides at once. Equal contents prove that the target had the source's. */
export async function lookAt(
  chunk: Chunk,
  {
    source,
    target,
    signal,
    statementMs,
  }: Pick<SettleOptions, 'source' | 'target' | 'signal' | 'statementMs'>,
): Promise<ChunkLook> {
  const query = { signal, timeoutMs: statementMs };
  const [s, t] = await Promise.all([source.digest(chunk, query), target.digest(chunk, query)]);
  return { source: s, target: t };
}
