import type { Alert } from './model/alert.ts';
import type { GroupState } from './model/group.ts';
import type { LagBucket } from './model/lag.ts';
import type { PairEvent, PairState } from './model/pair.ts';
import type { Run } from './model/run.ts';
import type { ServerState } from './model/server.ts';
import type { AlertMatcher, NewSilence, SilencePreview, SilenceState } from './model/silence.ts';
import type { Tallies } from './model/tally.ts';
import type { CheckKind, RowDifference, TableResult, Verdict } from './model/verdict.ts';
import type {
  AlertFilter,
  EventRange,
  Page,
  PageRequest,
  ResultLine,
  RunChange,
  StorageHealth,
  VerdictSince,
} from './storage/storage.ts';
import type { RepairText } from './verify/repair/repair-text.ts';

/** What a table of a pair looks like now: from the catalog, joined with its latest results. */
export interface TableState {
  pair: string;
  schema: string;
  table: string;
  /** From the source's statistics: an estimate. */
  rowsEstimated: number | null;
  checksum: Omit<TableResult, 'rows'> | null;
  consistency: Omit<TableResult, 'rows'> | null;
  /** The one of the two that says what is known of the table now; null while there is none. */
  standing: Omit<TableResult, 'rows'> | null;
  /** A run is working on it now. */
  checking: boolean;
}

export interface ScheduleState {
  pair: string;
  check: CheckKind;
  /** As configured: the cron pattern, or e.g. "every 1 h". */
  schedule: string;
  /** Of a run that was cut off at the end of its window: when it goes on. */
  nextRun: Date | null;
  /** When it may run by itself; null: at any time. */
  window: WindowState | null;
  lastRun: Date | null;
}

export interface WindowState {
  /** e.g. `02:00–05:00 Europe/Berlin`. */
  hours: string;
  open: boolean;
  /** When it closes, if it is open, or else opens. */
  turnsAt: Date;
}

export interface EngineHealth {
  /** The schedules are running and the samplers tick. */
  ok: boolean;
  evidence: string;
  startedAt: Date | null;
  storage: StorageHealth;
}

/** Which tables are meant: those that fit everything that is said. */
export interface TableFilter {
  /** What is known of them now. */
  known?: KnownAs[];
  /** Part of `schema.table`, in whatever case. */
  search?: string;
}

/** The verdict that stands; `pending`: there is none yet. */
export type KnownAs = Verdict | 'pending';

/** What the API needs of the engine. Everything current is answered from memory, at once. */
export interface Engine {
  start(): void;
  /**
   * Cancels statements on the servers, closes sockets, flushes storage. Resolves within a few seconds, whatever
   * hangs.
   */
  stop(): Promise<void>;

  pairs(): PairState[];
  pair(name: string): PairState | null;
  servers(): ServerState[];
  server(name: string): ServerState | null;
  /** Clusters that watched servers are members of. */
  groups(): GroupState[];
  /**
   * So many members, those that it has, are all that the cluster is meant to have from now on, also after a restart.
   * Throws EngineRequestError NOT_FOUND, and CONFLICT when it has another number by now, or that is not known.
   */
  acceptGroupSize(id: string, size: number, by: string): GroupState;
  tables(pair: string): TableState[];
  /** The same by schema and name, a page at a time. Throws EngineRequestError for a foreign cursor. */
  tablePage(pair: string, page: PageRequest, filter?: TableFilter): Page<TableState>;
  /** The same of all pairs, one after another by their names. */
  everyTable(page: PageRequest, filter?: Omit<TableFilter, 'search'>): Page<TableState>;
  table(pair: string, schema: string, table: string): TableState | null;
  activeRuns(pair?: string): Run[];
  schedules(): ScheduleState[];
  health(): EngineHealth;
  /** What a scraper asks for again and again: nothing of it is read from the storage. */
  tallies(): Tallies;

  lagHistory(pair: string, range: { from: Date; to: Date; maxPoints: number }): LagBucket[];
  events(pair: string, range: EventRange): PairEvent[];
  /** What happened since the event of this id, as `MetricsStorage.eventsSince`. */
  eventsSince(id: string, pair: string | null): PairEvent[];
  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run>;
  run(id: string): Run | null;
  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference>;
  /** What each run said of a table, newest first, as far back as history reaches. */
  tableHistory(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<ResultLine>;
  /**
   * Tables of which a run says something else than another of the same check and pair, by schema and name. Throws
   * EngineRequestError where one of them is not known, or they are not of one check and pair.
   */
  runChanges(run: string, since: string, page: PageRequest): Page<RunChange>;
  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null;
  /**
   * Statements that would make the listed rows of the target what the source's are, made of what both sides hold now.
   * Lockstep never runs them. Rejects with EngineRequestError, or ServerFault when a server cannot be asked.
   */
  repair(pair: string, check: CheckKind, schema: string, table: string): Promise<RepairText>;
  alerts(filter: AlertFilter, page: PageRequest): Page<Alert>;
  alert(id: string): Alert | null;

  /**
   * Queues a run; `tables` are `schema.table` names, with backticks around a part that needs them; null for all. Throws
   * EngineRequestError.
   */
  startRun(pair: string, check: CheckKind, tables: string[] | null, by: string): Run;
  cancelRun(id: string, by: string): Run;
  pauseRun(id: string, by: string): Run;
  resumeRun(id: string, by: string): Run;
  pausePair(name: string, by: string): PairState;
  resumePair(name: string, by: string): PairState;
  acknowledgeAlert(id: string, by: string, note: string): Alert;
  /** Takes an acknowledgement back, whoever made it. */
  unacknowledgeAlert(id: string, by: string): Alert;
  /** `until` null ends the silence. */
  silenceAlert(id: string, by: string, until: Date | null): Alert;

  /** Silences by matcher: those that hold or will first, then the newest of those that do no more. */
  silences(): SilenceState[];
  /** What such a silence would hit. Throws EngineRequestError, and StorageError when history cannot be read. */
  previewSilence(matcher: AlertMatcher): SilencePreview;
  createSilence(silence: NewSilence, by: string): SilenceState;
  /** Of maintenance in the configuration, only the time that runs now. */
  endSilence(id: string, by: string): SilenceState;
  /** Gives back what was ended. */
  restoreSilence(id: string, by: string): SilenceState;
}
