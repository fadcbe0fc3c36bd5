import type { Position } from '../../position/position.ts';
import type { Barrier } from './barrier.ts';

/**
 * The same barrier, for one table: what was waited for while positions told nothing stays unproved, though they tell
 * again before there is a verdict. A member of a cluster may be doubted for a moment in the middle of a check.
 */
export function rememberUnproved(barrier: Barrier): Barrier {
  /** Why the last position that there was not was none. */
  let none: string | null = null;
  let waitedBlind: string | null = null;
  const ask = (asked: (signal: AbortSignal) => Promise<Position | null>, signal: AbortSignal) => {
    none = barrier.unproved ?? none;
    return asked(signal);
  };
  const waitFor = (position: Position | null) => {
    if (position === null) waitedBlind ??= barrier.unproved ?? none;
    return position;
  };
  return {
    get unproved() {
      return barrier.unproved ?? waitedBlind;
    },
    get sameStorage() {
      return barrier.sameStorage ?? null;
    },
    leavesOut: (table) => barrier.leavesOut(table),
    sourcePosition: (signal) => ask((of) => barrier.sourcePosition(of), signal),
    targetPosition: (signal) => ask((of) => barrier.targetPosition(of), signal),
    untilTargetHas: (position, signal) => barrier.untilTargetHas(waitFor(position), signal),
    untilSourceHas: (position, signal) => barrier.untilSourceHas(waitFor(position), signal),
  };
}
