import type { Position } from '../../position/position.ts';
import type { Barrier } from './barrier.ts';
import { barrierBut } from './barrier-but.ts';

/** The same barrier, for one look. */
export interface OneLook {
  barrier: Barrier;
  /**
   * Why it waited without a position where there is replication: what it shows may be on its way still. A member of a
   * cluster may be doubted for a moment in the middle of a check. Null while there was no such wait.
   */
  blind: () => string | null;
}

export function blindWaits(barrier: Barrier): OneLook {
  /** Why the last position that there was not was none. */
  let none: string | null = null;
  let blind: string | null = null;
  const ask = (asked: (signal: AbortSignal) => Promise<Position | null>, signal: AbortSignal) => {
    none = barrier.unproved ?? none;
    return asked(signal);
  };
  const waitFor = (position: Position | null) => {
    if (position === null) blind ??= barrier.unproved ?? none;
    return position;
  };
  return {
    barrier: barrierBut(barrier, {
      sourcePosition: (signal: AbortSignal) => ask((of) => barrier.sourcePosition(of), signal),
      targetPosition: (signal: AbortSignal) => ask((of) => barrier.targetPosition(of), signal),
      untilTargetHas: (position: Position | null, signal: AbortSignal) =>
        barrier.untilTargetHas(waitFor(position), signal),
      untilSourceHas: (position: Position | null, signal: AbortSignal) =>
        barrier.untilSourceHas(waitFor(position), signal),
    }),
    blind: () => blind,
  };
}
