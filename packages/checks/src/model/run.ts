import type { Basis } from './basis.ts';
import type { CheckKind, Verdict } from './verdict.ts';

export type RunState = 'queued' | 'running' | 'paused' | 'finished' | 'cancelled' | 'failed';

/** Who lets a run stand still. */
export type RunHolder = 'operator' | 'throttle';

/** One execution of a check over a pair. */
export interface Run {
  id: string;
  pair: string;
  check: CheckKind;
  state: RunState;
  /** e.g. "paused: lag 12 s ≥ 10 s", "finished: 11 match, 1 different". */
  evidence: string;
  /** A person goes before the throttle. Null when neither holds it; absent in what earlier versions kept. */
  heldBy?: RunHolder | null;
  trigger: 'schedule' | 'operator' | 'cli';
  /**
   * `schema.table` names, with backticks around a part that needs them, when it was asked for some tables only; null
   * for all of the pair.
   */
  only: string[] | null;
  startedAt: Date;
  finishedAt: Date | null;
  progress: RunProgress;
  verdicts: Partial<Record<Verdict, number>>;
  /** Patterns of the configuration that fit no table; absent where each fits one. */
  unmatched?: string[];
  /** As of its begin; absent before that, and in what earlier versions kept. */
  basis?: Basis;
}

export interface RunProgress {
  tablesDone: number;
  tablesTotal: number;
  chunksDone: number;
  rowsDone: number;
  /** From the server's statistics: an estimate. */
  rowsEstimated: number;
  rowsPerSecond: number;
  /** Estimated; null when it cannot be told. */
  remainingMs: number | null;
  /** The `schema.table` being worked on, named in the same way. */
  current: string | null;
}
