import type { Position } from '../../position/position.ts';
import type { TableName } from '../../table-name.ts';

/**
 * What rounds need of replication: to know that one side has everything that the other had at a moment. With
 * positions this is proof; a pair without them waits for the time that its changes need at most.
 */
export interface Barrier {
  /**
   * Why nothing that differs is proved to: there is replication, but its positions do not tell what has come. Null
   * where they do, or where there is none.
   */
  readonly unproved: string | null;
  /** Why both sides read the same storage, so that a match proves nothing; null or absent where they do not. */
  readonly sameStorage?: string | null;
  /**
   * The source may have sent what it does not show yet, and tells nobody; then only what is read of it with what is not
   * committed yet shows that.
   */
  readonly hidesUnseen: boolean;
  /** The replication filter that keeps a table from the target, whatever is done to it; null for none. */
  leavesOut(table: TableName): string | null;
  /** The target's channel that may bring a table even so, of which positions tell nothing; null or absent: none. */
  mayBring?(table: TableName): string | null;
  sourcePosition(signal: AbortSignal): Promise<Position | null>;
  targetPosition(signal: AbortSignal): Promise<Position | null>;
  /** Resolves when the target has applied all of it; rejects with Undecidable when it does not come. */
  untilTargetHas(position: Position | null, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the source's own visible state has all that the target had at `position`, errant transactions
   * aside; rejects with Undecidable when the source goes on hiding it. Resolves to how long it was seen to hide it, in
   * ms: 0 where it had all of it when it was asked.
   */
  untilSourceHas(position: Position | null, signal: AbortSignal): Promise<number>;
}

/** As one table is compared by it. */
export interface TableBarrier extends Barrier {
  /**
   * Something of the table that was found to differ is not proved to, as positions told nothing: from now on nothing
   * of it is, though they tell again before there is a verdict.
   */
  keepUnproved(because: string): void;
}
