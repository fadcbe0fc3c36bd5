import { setTimeout as delay } from 'node:timers/promises';
import { contains } from '../../position/contains.ts';
import { samePosition } from '../../position/position.ts';
import type { Barrier } from './barrier.ts';
import { blindWaits } from './blind-waits.ts';
import type { CloseLook, Reads, See } from './close-look.ts';
import { shownPosition } from './sandwich.ts';

/** A position comes later than what can be read: by a few milliseconds, on a busy machine by more. */
const behindMs = 20;
/** The first may only have waited for what was hidden. */
const tries = 3;

/**
 * A sandwich while the source stands still: nothing is hidden, and its position is the same before and after, so both
 * sides are read as of that very position. That is proof by itself. Where the source goes on, or the target is not
 * there yet, it ends at once and proves nothing.
 */
export async function lookWhileStill<T>(
  options: { barrier: Barrier; signal: AbortSignal },
  read: Reads<T>,
  see: See<T>,
): Promise<CloseLook | null> {
  const { signal } = options;
  const { barrier, blind } = blindWaits(options.barrier);
  const hidden = async () => barrier.untilSourceHas(await barrier.targetPosition(signal), signal);
  // What the source hides without a word stands in no position, but is among what is not committed.
  const unseen = barrier.hidesUnseen;
  const nothing: CloseLook = { at: new Date(), position: null, proves: false, hiddenMs: 0 };
  if (unseen && !read.showsPending) return nothing;
  for (let i = 0; i < tries; i++) {
    const position = await barrier.sourcePosition(signal);
    if (position === null) return nothing;
    if ((await hidden()) > 0) continue;
    if (!see('source', await read.source(false))) return null;
    await delay(behindMs, undefined, { signal });
    const stands = async () => {
      const now = await barrier.sourcePosition(signal);
      return now !== null && samePosition(position, now);
    };
    if (!(await stands())) continue;
    const reached = await barrier.targetPosition(signal);
    if (!reached || !contains(reached, position)) return nothing;
    const at = new Date();
    if (!see('target', await read.target())) return null;
    if (unseen && !see('pending', await read.source(true))) return null;
    if ((await hidden()) > 0) continue;
    if (!see('source', await read.source(false))) return null;
    if (blind() !== null) return nothing;
    if (await stands()) return { at, position: shownPosition(position), proves: true, hiddenMs: 0 };
  }
  return nothing;
}
