import type { Barrier, TableBarrier } from './barrier.ts';

/** The same barrier, for one table. */
export function rememberUnproved(barrier: Barrier): TableBarrier {
  let kept: string | null = null;
  return {
    get unproved() {
      return barrier.unproved ?? kept;
    },
    get sameStorage() {
      return barrier.sameStorage ?? null;
    },
    get hidesUnseen() {
      return barrier.hidesUnseen;
    },
    leavesOut: (table) => barrier.leavesOut(table),
    sourcePosition: (signal) => barrier.sourcePosition(signal),
    targetPosition: (signal) => barrier.targetPosition(signal),
    untilTargetHas: (position, signal) => barrier.untilTargetHas(position, signal),
    untilSourceHas: (position, signal) => barrier.untilSourceHas(position, signal),
    keepUnproved: (because) => {
      kept ??= because;
    },
  };
}
