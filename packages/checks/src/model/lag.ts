/**
 * How a lag figure was obtained. `gtid` and `file` are watermarks by GTID or by binlog file and offset;
 * `estimate` is used only until the first watermark can answer: the target's own figure, where that is more than what
 * is known; `none` means unknown.
 */
export type LagMethod = 'gtid' | 'file' | 'estimate' | 'none';

/** One measurement of a pair. Source: the positions of both servers, timed by Lockstep's own monotonic clock. */
export interface LagSample {
  pair: string;
  /** When the target's answer had come, of which all that follows is said; of none, when that was known. */
  at: Date;
  /** Age in ms of the oldest change that the target does not have yet; 0 only when proved; null = unknown. */
  lagMs: number | null;
  /** Of an estimate, what is known: the lag is at least this. Of all others `lagMs` itself is. */
  atLeastMs?: number;
  /** The truth lies in `lagMs … lagMs + uncertaintyMs`. Null when unknown. */
  uncertaintyMs: number | null;
  method: LagMethod;
  /** Transactions that the source has and the target has not; null without GTID or when unknown. */
  transactionsBehind: number | null;
  /** The target's own `Seconds_Behind_Source` in ms, for comparison, and in estimates; null when it says NULL. */
  serverLagMs: number | null;
  /** Why it is what it is, in one sentence. */
  evidence: string;
}

/** History in a bucket of time: a spike never disappears, a gap stays a gap (no bucket). */
export interface LagBucket {
  from: Date;
  to: Date;
  minMs: number;
  maxMs: number;
  avgMs: number;
  samples: number;
}
