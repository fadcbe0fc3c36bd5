import type { Barrier, TableBarrier } from './barrier.ts';
import { barrierBut } from './barrier-but.ts';

/** The same barrier, for one table. */
export function rememberUnproved(barrier: Barrier): TableBarrier {
  let kept: string | null = null;
  return barrierBut(barrier, {
    get unproved() {
      return barrier.unproved ?? kept;
    },
    keepUnproved: (because: string) => {
      kept ??= because;
    },
  });
}
