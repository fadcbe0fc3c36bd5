import { contains } from '../../position/contains.ts';
import { type Position, samePosition } from '../../position/position.ts';
import type { SettleOptions } from './options.ts';

/**
 * Called before a look at both sides; what it answers says, after it, whether all was read as of one position. Rows
 * without a key are told apart by how many there are alone: what is on its way may be as many as what is missing for
 * good, so numbers that are equal at two moments prove nothing. What the source has sent and does not show yet is in
 * its position, and on the target: it is waited for. True where there are no positions to go by.
 */
export async function asOfOnePosition({
  barrier,
  signal,
}: Pick<SettleOptions, 'barrier' | 'signal'>): Promise<() => Promise<boolean>> {
  const position = await barrier.sourcePosition(signal);
  if (position === null) return () => Promise.resolve(true);
  const reached = await barrier.targetPosition(signal);
  if (reached === null || !contains(reached, position)) return () => Promise.resolve(false);
  await barrier.untilSourceHas(reached, signal);
  return async () => await stands(position, { barrier, signal });
}

async function stands(
  position: Position,
  { barrier, signal }: Pick<SettleOptions, 'barrier' | 'signal'>,
): Promise<boolean> {
  const now = await barrier.sourcePosition(signal);
  return now !== null && samePosition(position, now);
}
