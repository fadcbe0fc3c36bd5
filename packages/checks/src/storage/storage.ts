import type { Alert, AlertState, Severity } from '../model/alert.ts';
import type { LagBucket, LagSample } from '../model/lag.ts';
import type { PairEvent } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { CheckKind, RowDifference, TableResult } from '../model/verdict.ts';

/** A page of a list that grows, newest first. `cursor` is opaque; null `nextCursor` ends the list. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
  total: number;
}

export interface PageRequest {
  limit: number;
  cursor?: string | null;
}

export interface AlertFilter {
  states?: AlertState[];
  severities?: Severity[];
  pair?: string;
}

/**
 * History and what must survive a restart. Writes never throw and never wait: they go into a bounded buffer that is
 * flushed in batches; trouble shows in `health` and is retried. Reads see what was written before them.
 */
export interface MetricsStorage {
  recordLag(sample: LagSample): void;
  recordEvent(event: PairEvent): void;
  /** Inserts or replaces by id. */
  recordRun(run: Run): void;
  /** Replaces the table's earlier result of the same check, and its rows; a line of history stays. */
  recordResult(result: TableResult): void;
  /** Inserts or replaces by id. */
  recordAlert(alert: Alert): void;
  setPaused(pair: string, paused: boolean): void;

  /** Buckets that hold at least one known sample, oldest first, at most `maxPoints`. */
  lagHistory(pair: string, range: { from: Date; to: Date; maxPoints: number }): LagBucket[];
  events(pair: string, range: { from: Date; to: Date }): PairEvent[];
  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run>;
  run(id: string): Run | null;
  /** Latest result of every table, without rows. */
  results(pair: string): Omit<TableResult, 'rows'>[];
  result(pair: string, check: CheckKind, schema: string, table: string): Omit<TableResult, 'rows'> | null;
  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference>;
  alerts(filter: AlertFilter, page: PageRequest): Page<Alert>;
  /** Pending and firing alerts, to go on with after a restart. */
  openAlerts(): Alert[];
  alert(id: string): Alert | null;
  pausedPairs(): string[];

  health(): StorageHealth;
  /** Writes what is buffered and closes. */
  close(): void;
}

export interface StorageHealth {
  ok: boolean;
  file: string;
  /** One sentence; the database's own words when it is not well. */
  evidence: string;
  /** Writes waiting, and writes given up because the buffer was full. */
  buffered: number;
  dropped: number;
  bytes: number | null;
}
