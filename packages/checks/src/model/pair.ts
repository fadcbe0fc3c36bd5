import type { HeartbeatReading } from './heartbeat.ts';
import type { LagSample } from './lag.ts';
import type { ReplicationStatus } from './replication.ts';

export type PairStateName =
  | 'in-sync'
  | 'lagging'
  | 'delayed'
  | 'stopped'
  | 'connecting'
  | 'broken'
  | 'not-configured'
  | 'vanished'
  | 'not-in-group'
  | 'no-quorum'
  | 'joining'
  | 'source-behind'
  | 'unknown';

/** The current truth about a pair, complete in one value: what the page, REST and GraphQL all show. */
export interface PairState {
  name: string;
  /** Server names. */
  source: string;
  target: string;
  /** What it belongs to, in the words of the configuration, such as `env: prod`. */
  labels: Readonly<Record<string, string>>;
  state: PairStateName;
  /** The sentence that explains `state`, the same in page, log and alert. */
  evidence: string;
  /** When `state` last changed. */
  since: Date;
  /** Checks are held back by a person. */
  paused: boolean;
  lag: LagSample | null;
  /** What the user's own pt-heartbeat says; null when none is configured, or it was not read yet. */
  heartbeat: HeartbeatReading | null;
  replication: ReplicationStatus | null;
  /** Lag from which it is too much: what is configured, beyond the delay that is intended. */
  thresholds: { warningMs: number; criticalMs: number };
  tables: TableCounts;
  /** The oldest verification among the pair's tables; null while any table was never verified or there are none. */
  oldestVerification: Date | null;
}

export interface TableCounts {
  total: number;
  match: number;
  different: number;
  schemaDiffers: number;
  missing: number;
  unverified: number;
  error: number;
  /** Known from the catalog, but not yet verified. */
  pending: number;
}

/** Of no table at all. */
export const noTables: Readonly<TableCounts> = {
  total: 0,
  match: 0,
  different: 0,
  schemaDiffers: 0,
  missing: 0,
  unverified: 0,
  error: 0,
  pending: 0,
};

/**
 * `state`: the pair's state changed; `connection`: one of its servers came, went or changed; `restart`: one of them was
 * started anew; `failover`: another server answers, or the target replicates from another one, or a cluster has another
 * primary; `run`: a run began or ended, or found something; `definition`: a table was altered; `alert`: alerts began to
 * fire, or are over; `operator`: a person did something.
 */
export type PairEventKind =
  | 'state'
  | 'connection'
  | 'restart'
  | 'failover'
  | 'run'
  | 'definition'
  | 'alert'
  | 'operator';

/** Something that happened to a pair, kept for its time line. */
export interface PairEvent {
  id: string;
  pair: string;
  at: Date;
  kind: PairEventKind;
  /** The state it changed to, where that is what happened. */
  state: PairStateName | null;
  message: string;
}
