import { type Position, shortened } from '../../position/position.ts';
import type { Barrier } from './barrier.ts';

/** Every listed row carries the positions of its rounds, and a set of GTIDs may have thousands of parts. */
const evidenceChars = 300;

/** One look at both sides: the source before and after, and in between the target, when it had what the source had. */
export interface Sandwich<T> {
  at: Date;
  /** The source's position that the target had applied before it was read; cut where it is long. */
  position: string | null;
  before: T;
  target: T;
  after: T;
}

/**
 * The model: with `before` = s1, `target` = t, `after` = s2, a thing that shows t = s1 or t = s2 is the same on both
 * sides as of the position. s1 ≠ s2 is a thing being written: nothing is known. s1 = s2 ≠ t is a candidate, not yet a
 * difference: a thing written A → B → A in between shows the same. Only showing the same three values again and
 * again, at moments that no writer can foresee, makes it one.
 */
export async function sandwich<T>(
  barrier: Barrier,
  readSource: () => Promise<T>,
  readTarget: () => Promise<T>,
  signal: AbortSignal,
): Promise<Sandwich<T>> {
  const before = await readSource();
  const position = await barrier.sourcePosition(signal);
  await barrier.untilTargetHas(position, signal);
  const at = new Date();
  const target = await readTarget();
  const reached = await barrier.targetPosition(signal);
  await barrier.untilSourceHas(reached, signal);
  const after = await readSource();
  return { at, position: shownPosition(position), before, target, after };
}

export function shownPosition(position: Position | null): string | null {
  return position && shortened(position.text, evidenceChars);
}
