import type { Position } from '../../position/position.ts';

/**
 * What rounds need of replication: to know that one side has everything that the other had at a moment. With
 * positions this is proof; a pair without them waits for the time that its changes need at most.
 */
export interface Barrier {
  sourcePosition(signal: AbortSignal): Promise<Position | null>;
  targetPosition(signal: AbortSignal): Promise<Position | null>;
  /** Resolves when the target has applied all of it; rejects with Undecidable when it does not come. */
  untilTargetHas(position: Position | null, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the source's own visible state has all that the target had at `position`, errant transactions
   * aside.
   */
  untilSourceHas(position: Position | null, signal: AbortSignal): Promise<void>;
}
