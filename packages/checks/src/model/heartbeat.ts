/**
 * Whose clock tells how old a heartbeat is. `writer`: the one that writes it, learnt from the source's own row, so no
 * server's clock and no time zone takes part. `target`: the target server's, where the source's row cannot be read; it
 * is right only as far as that clock agrees with the writer's.
 */
export type HeartbeatClock = 'writer' | 'target';

/** What the user's own pt-heartbeat says of a pair: shown beside the lag, never used in its place. */
export interface HeartbeatReading {
  pair: string;
  at: Date;
  /** `schema.table`. */
  table: string;
  /** Whose row it is; null when that is not known. */
  serverId: string | null;
  /** Age in ms of the oldest heartbeat that the target certainly does not have yet; 0 for none; null = unknown. */
  lagMs: number | null;
  /** The truth lies in `lagMs … lagMs + uncertaintyMs`. Null when unknown. */
  uncertaintyMs: number | null;
  /** Null when the lag is unknown. */
  clock: HeartbeatClock | null;
  /** How far apart heartbeats are usually seen to be written; null before two of them. */
  intervalMs: number | null;
  /** The heartbeat that the target has, as it was written; null when there is none to be read. */
  beat: string | null;
  /** Why it is what it is, in one sentence. */
  evidence: string;
}
