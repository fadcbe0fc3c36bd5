import type { TableName } from '../table-name.ts';
import type { Position, PositionKind } from './position.ts';

/** How data comes to a pair's target, for those who must wait until it has come. */
export interface ReplicationRoute {
  /** Null: positions cannot be compared; `evidence` says why. */
  kind: PositionKind | null;
  /** The target's channel; '' is the default one. */
  channel: string;
  evidence: string;
  /**
   * Why nobody can know that a change has come, however long one waits; null where positions tell, or where there is no
   * replication to wait for.
   */
  unproved: string | null;
  /** Both are members of one cluster, where either may be ahead of the other. */
  group?: boolean;
  /** The target is a member of a cluster, another member of which has the channel. */
  throughCluster?: boolean;
  intendedDelayMs: number;
  /** How far behind the target says it is; null when it does not. */
  serverLagMs: number | null;
  /** Why the target makes no progress, e.g. "the applier is stopped"; null when it does. */
  stopped: string | null;
  /** The target read from this very source, and was pointed to another server. */
  repointed?: boolean;
  /** A part does not come, as the channel is made; how it is has to be asked along with what it has applied. */
  cut?: boolean;
  /** Nobody may see its channels; what the target logs was applied. */
  logged?: boolean;
  /** Why both sides read the same storage; null or absent where they do not. */
  sameStorage?: string | null;
  /** The filter by which the target leaves a table out; null when it does not. */
  leavesOut?: (table: TableName) => string | null;
  /** Another channel of the target that may bring a table, where no position of the pair's own tells; null for none. */
  mayBring?: (table: TableName) => string | null;
  /** The target has other channels as well, by which may come what the source gets from others, too. */
  besides?: boolean;
  /** The part of a source's position that the target will ever have: that is what to wait for. */
  replicated: (position: Position) => Position;
}
