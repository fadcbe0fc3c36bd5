import type { Alert, AlertState, Severity } from '../model/alert.ts';
import type { AuditEntry } from '../model/audit.ts';
import type { TableCheckpoint } from '../model/checkpoint.ts';
import type { Delivery } from '../model/delivery.ts';
import type { LagBucket, LagSample } from '../model/lag.ts';
import type { PairEvent, PairEventKind } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { KnownServer } from '../model/server.ts';
import type { Silence } from '../model/silence.ts';
import type { CheckKind, RowDifference, TableResult, Verdict } from '../model/verdict.ts';
import type { TableName } from '../table-name.ts';

/** A page of a list that grows, in the list's order, from whichever end it was asked for. */
export interface Page<T> {
  items: T[];
  /** Each item's own, in their order: opaque, it names the place of the item, also when that is gone. */
  cursors: string[];
  /** The list has items before these, or before the place where there are none. */
  hasPrevious: boolean;
  /** Before it the list goes on: the first item's cursor, or of one that could not be read; null where it begins. */
  previousCursor: string | null;
  /** After it the list goes on: the last item's cursor, or of one that could not be read; null where it ends. */
  nextCursor: string | null;
  total: number;
}

/** A table of which one run says something else than another. */
export interface RunChange {
  schema: string;
  table: string;
  /** Null: that run said nothing of it, as far as history reaches. */
  now: Pick<ResultLine, 'verdict' | 'reason'> | null;
  before: Pick<ResultLine, 'verdict' | 'reason'> | null;
}

export interface EventRange {
  from: Date;
  to: Date;
  /** Only of these; all without it. */
  kinds?: readonly PairEventKind[];
}

export interface PageRequest {
  limit: number;
  /** Only what comes after the item of this cursor. */
  cursor?: string | null;
  /** Only what comes before the item of this cursor. */
  before?: string | null;
  /** Of that, the last `limit` and not the first. */
  fromEnd?: boolean;
}

export interface AlertFilter {
  states?: AlertState[];
  severities?: Severity[];
  pair?: string;
}

export interface AuditFilter {
  /** A name, whole. */
  who?: string;
  /** As an entry has it. */
  action?: string;
  /** From this instant on. */
  from?: Date;
  /** Before this instant. */
  to?: Date;
}

/** What became of a table in one run. */
export interface ResultLine {
  runId: string;
  finishedAt: Date;
  verdict: Verdict;
  reason: string;
}

/** How long a table has had its verdict, as far back as history reaches. */
export interface VerdictSince {
  /** When it was first found; verdicts that decided nothing do not interrupt what was decided. */
  since: Date;
  /** The last that said something else; null when history has none. */
  before: ResultLine | null;
}

/**
 * History and what must survive a restart. Writes never throw and never wait: they go into a bounded buffer that is
 * flushed in batches; trouble shows in `health` and is retried. Reads see what was written before them; they throw
 * StorageError when the database cannot be read, and EngineRequestError for a cursor or range that makes no sense.
 * What a new process goes on from (`recalled`) never throws: where it cannot be read it is empty, and `health` says so.
 */
export interface MetricsStorage {
  recordLag(sample: LagSample): void;
  recordEvent(event: PairEvent): void;
  /** Inserts or replaces by id. */
  recordRun(run: Run): void;
  /** Replaces the table's earlier result of the same check, and its rows; a line of history stays. */
  recordResult(result: TableResult): void;
  /** Of all checks, with their rows; lines of history stay. */
  forgetResults(pair: string, table: TableName): void;
  /** Inserts or replaces by id; an alert that is resolved without having fired is forgotten. */
  recordAlert(alert: Alert): void;
  /** Inserts or replaces by key and destination. */
  recordDelivery(delivery: Delivery): void;
  setPaused(pair: string, paused: boolean): void;
  /** Inserts or replaces by id. */
  recordSilence(silence: Silence): void;
  /** Inserts or replaces by name. */
  recordServer(name: string, known: KnownServer): void;
  /** Inserts or replaces by hash: one that expires in the past has ended. */
  recordSession(session: StoredSession): void;
  /** Inserts or replaces by id. */
  recordAudit(entry: AuditEntry): void;
  /** What a run that is cut off can be gone on with; replaces the run's earlier one; null: nothing any more. */
  recordCheckpoint(runId: string, checkpoint: TableCheckpoint | null): void;

  /**
   * Buckets that hold at least one known sample, oldest first, at most `maxPoints`. They are whole and of
   * one width, so the first and the last may reach beyond the range; no finer than a minute where only minutes are
   * kept. Ask for no more points than samples were taken, or every second bucket is a gap.
   */
  lagHistory(pair: string, range: { from: Date; to: Date; maxPoints: number }): LagBucket[];
  /** Oldest first, both ends included; of very many, the newest 5,000. */
  events(pair: string, range: EventRange): PairEvent[];
  /**
   * What happened since the event of this id, oldest first; of one pair or, for null, of all. Of its own millisecond
   * all others are told, for which came first is not known. Throws EngineRequestError for an id that is not kept
   * (any more), and for more than 5,000.
   */
  eventsSince(id: string, pair: string | null): PairEvent[];
  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run>;
  run(id: string): Run | null;
  checkpoint(runId: string): TableCheckpoint | null;
  /** Latest result of every table, without rows; recalled. */
  results(pair: string): Omit<TableResult, 'rows'>[];
  result(pair: string, check: CheckKind, schema: string, table: string): Omit<TableResult, 'rows'> | null;
  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference>;
  /** The table's earlier results and the latest, newest first. */
  resultHistory(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<ResultLine>;
  /** Tables of which the two runs of one check say something else, by schema and name. */
  runChanges(run: Run, since: Run, page: PageRequest): Page<RunChange>;
  /** Of the table's latest result; null where history has none. */
  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null;
  alerts(filter: AlertFilter, page: PageRequest): Page<Alert>;
  /** Pending and firing alerts, to go on with after a restart; recalled. */
  openAlerts(): Alert[];
  /** The same, each read when it is asked for; recalled. */
  eachOpenAlert(): Iterable<Alert>;
  /** Resolved alerts whose silence still runs at `now`: it holds when the condition comes back, too; recalled. */
  silencedAlerts(now: Date): Alert[];
  alert(id: string): Alert | null;
  /** Messages about an alert, oldest first. */
  deliveries(alertId: string): Delivery[];
  /** One of them, by its own key. */
  delivery(key: string, destination: string): Delivery | null;
  /** Messages that have not arrived and were not given up, oldest first. */
  waitingDeliveries(): Delivery[];
  /**
   * The same, and all about alerts that are not over; of each alert oldest first, read when asked for; recalled. Null
   * where there may be none for long: whoever reads may pause there, too.
   */
  openDeliveries(): Iterable<Delivery | null>;
  /** Recalled. */
  pausedPairs(): string[];
  /** By matcher, also those that were ended; recalled. */
  silences(): Silence[];
  /** Those that have not ended, the oldest first; recalled. */
  sessions(): StoredSession[];
  /** Who did what, newest first. */
  audit(filter: AuditFilter, page: PageRequest): Page<AuditEntry>;
  /** Everybody that it names, in alphabetical order, at most 200. */
  auditedPeople(): string[];
  /** By the names of the configuration; recalled. */
  knownServers(): Map<string, KnownServer>;

  /**
   * False while what earlier processes left cannot be known: results, runs and alerts, and what a person paused,
   * acknowledged or silenced.
   */
  readonly knowsBefore: boolean;
  /**
   * Calls when the file can be used after all and is gone on with: from then on reads see what earlier processes left
   * together with what was recorded since. Answers how to call no more.
   */
  onReopened(listener: () => void): () => void;

  /** Writes what is buffered now: for what must not be forgotten, not even by a process that is killed. */
  flush(): void;

  health(): StorageHealth;
  /** Writes what is buffered and closes. */
  close(): void;
}

/** Somebody who signed in on the page, as it may be kept: it signs nobody in. */
export interface StoredSession {
  /** SHA-256 of what the browser holds, which is random. */
  hash: string;
  /** The name of the token that it was begun with, or of the person. */
  token: string;
  /** Of whom a provider named; absent where it was begun with a token. */
  person?: { name: string; sub: string; role: 'viewer' | 'operator' };
  /** Tells whether the token, or who a person is, is still the same, to who has what the browser holds. */
  bound: string;
  expiresAt: Date;
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
