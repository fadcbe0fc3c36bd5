import type { Chunk } from '../chunk/chunk.ts';
import type { TableSide } from '../chunk/table-side.ts';
import type { TableBarrier } from './barrier.ts';

export interface SettleOptions {
  source: TableSide;
  target: TableSide;
  barrier: TableBarrier;
  /** Where the rows lie that are settled: a key that finds a row elsewhere was not that row's. */
  within: Chunk;
  signal: AbortSignal;
  statementMs: number;
  maxRounds: number;
  /**
   * Why a row that differs may go on to differ whatever is written of it, in a clause with what mends that: what is
   * made of it on the target depends on what it was there. Null, or absent: what is sent makes it what the source's is.
   */
  goesOnToDiffer?: () => Promise<string | null>;
  /** Waits between rounds; random, so that no writer's rhythm can keep step with them. */
  pauseMs: () => number;
}
