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
   * Whether the source sends statements, by which a row that differs goes on to differ: what they make of it depends on
   * what it was. Absent: it sends rows, which make the target's what the source's are.
   */
  logsStatements?: () => Promise<boolean>;
  /** Waits between rounds; random, so that no writer's rhythm can keep step with them. */
  pauseMs: () => number;
}
