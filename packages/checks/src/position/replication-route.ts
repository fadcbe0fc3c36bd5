import type { Position, PositionKind } from './position.ts';

/** How data comes to a pair's target, for those who must wait until it has come. */
export interface ReplicationRoute {
  /** Null: positions cannot be compared; `evidence` says why. */
  kind: PositionKind | null;
  /** The target's channel; '' is the default one. */
  channel: string;
  evidence: string;
  intendedDelayMs: number;
  /** Why the target makes no progress, e.g. "the applier is stopped"; null when it does. */
  stopped: string | null;
  /** The part of a source's position that the target will ever have: that is what to wait for. */
  replicated: (position: Position) => Position;
}
