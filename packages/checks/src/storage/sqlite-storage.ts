import type { Alert } from '../model/alert.ts';
import type { AuditEntry } from '../model/audit.ts';
import type { TableCheckpoint } from '../model/checkpoint.ts';
import type { Delivery } from '../model/delivery.ts';
import type { LagBucket, LagSample } from '../model/lag.ts';
import type { PairEvent } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { KnownServer } from '../model/server.ts';
import type { Silence } from '../model/silence.ts';
import type { CheckKind, RowDifference, TableResult } from '../model/verdict.ts';
import type { TableName } from '../table-name.ts';
import type { HistoryRange } from './bucketing.ts';
import type { OpenFile } from './open-file.ts';
import type {
  AlertFilter,
  AuditFilter,
  EventRange,
  MetricsStorage,
  Page,
  PageRequest,
  ResultLine,
  RunChange,
  StorageHealth,
  StoredSession,
  VerdictSince,
} from './storage.ts';
import { StorageError } from './storage-error.ts';
import type { WriterOptions } from './writer.ts';

type ResultWithoutRows = Omit<TableResult, 'rows'>;

/** What is kept here, and for a time only, is not what was asked for. */
export interface Instead {
  /** A sentence. */
  why: string;
  /** What the file had was read into this, as far as it is gone on with; or the file had nothing. */
  knowsBefore: boolean;
}

/** The history on SQLite. Every write goes through the buffer; every read sees file and buffer together. */
export class SqliteStorage implements MetricsStorage {
  #options: WriterOptions;
  #file: OpenFile;
  #instead: Instead | null;
  readonly #reopened = new Set<() => void>();
  /** Something of before could not be read when it was asked for. */
  #unrecalled = false;
  #closed = false;

  /** `instead`: the file that was asked for cannot be used, and this one stands in for it. */
  constructor(file: OpenFile, options: WriterOptions, instead: Instead | null = null) {
    this.#file = file;
    this.#options = options;
    this.#instead = instead;
  }

  /** From now on this file is the history: the one that was asked for, with all that the other has. */
  become(file: OpenFile, options: WriterOptions): void {
    this.#file.close();
    this.#file = file;
    this.#options = options;
    this.#instead = null;
    for (const listener of this.#reopened) listener();
  }

  /** Why this is not the history that was asked for; it may be another trouble by now. */
  standIn(instead: Instead): void {
    this.#instead = instead;
  }

  get knowsBefore(): boolean {
    return this.#instead?.knowsBefore ?? !this.#unrecalled;
  }

  onReopened(listener: () => void): () => void {
    this.#reopened.add(listener);
    return () => this.#reopened.delete(listener);
  }

  recordLag(sample: LagSample): void {
    this.#file.writer.write(() => this.#file.lags.record(sample));
  }

  recordEvent(event: PairEvent): void {
    this.#file.writer.write(() => this.#file.events.record(event));
  }

  recordRun(run: Run): void {
    this.#file.writer.write(() => this.#file.runs.record(run));
  }

  recordResult(result: TableResult): void {
    this.#file.writer.write(() => this.#file.results.record(result));
  }

  forgetResults(pair: string, table: TableName): void {
    this.#file.writer.write(() => this.#file.results.forget(pair, table));
  }

  recordAlert(alert: Alert): void {
    this.#file.writer.write(() => this.#file.alerts.record(alert));
  }

  recordDelivery(delivery: Delivery): void {
    this.#file.writer.write(() => this.#file.deliveries.record(delivery));
  }

  setPaused(pair: string, paused: boolean): void {
    this.#file.writer.write(() => this.#file.pauses.set(pair, paused));
  }

  recordSilence(silence: Silence): void {
    this.#file.writer.write(() => this.#file.silences.record(silence));
  }

  recordServer(name: string, known: KnownServer): void {
    this.#file.writer.write(() => this.#file.knownServers.record(name, known));
  }

  recordSession(session: StoredSession): void {
    this.#file.writer.write(() => this.#file.sessions.record(session));
  }

  sessions(): StoredSession[] {
    return this.#recall(() => this.#file.sessions.after(this.#options.now()), []);
  }

  recordAudit(entry: AuditEntry): void {
    this.#file.writer.write(() => this.#file.audit.record(entry));
  }

  audit(filter: AuditFilter, page: PageRequest): Page<AuditEntry> {
    return this.#file.audit.page(filter, page);
  }

  auditedPeople(): string[] {
    return this.#file.audit.people();
  }

  recordCheckpoint(runId: string, checkpoint: TableCheckpoint | null): void {
    this.#file.writer.write(() => this.#file.checkpoints.record(runId, checkpoint, this.#options.now()));
  }

  checkpoint(runId: string): TableCheckpoint | null {
    return this.#file.checkpoints.get(runId);
  }

  lagHistory(pair: string, range: HistoryRange): LagBucket[] {
    return this.#file.lags.history(pair, range, this.#options.now() - this.#options.config.rawLagMs);
  }

  events(pair: string, range: EventRange): PairEvent[] {
    return this.#file.events.within(pair, range);
  }

  eventsSince(id: string, pair: string | null): PairEvent[] {
    return this.#file.events.since(id, pair);
  }

  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run> {
    return this.#file.runs.page(filter, page);
  }

  run(id: string): Run | null {
    return this.#file.runs.get(id);
  }

  results(pair: string): ResultWithoutRows[] {
    return this.#recall(() => this.#file.results.ofPair(pair), []);
  }

  result(pair: string, check: CheckKind, schema: string, table: string): ResultWithoutRows | null {
    return this.#file.results.get(pair, check, schema, table);
  }

  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference> {
    return this.#file.results.differences([pair, check, schema, table], page);
  }

  resultHistory(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<ResultLine> {
    return this.#file.results.lines([pair, check, schema, table], page);
  }

  runChanges(run: Run, since: Run, page: PageRequest): Page<RunChange> {
    return this.#file.results.changes(run, since, page);
  }

  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null {
    return this.#file.results.since([pair, check, schema, table]);
  }

  alerts(filter: AlertFilter, page: PageRequest): Page<Alert> {
    return this.#file.alerts.page(filter, page);
  }

  openAlerts(): Alert[] {
    return this.#recall(() => this.#file.alerts.open(), []);
  }

  silencedAlerts(now: Date): Alert[] {
    return this.#recall(() => this.#file.alerts.silenced(now), []);
  }

  alert(id: string): Alert | null {
    return this.#file.alerts.get(id);
  }

  pausedPairs(): string[] {
    return this.#recall(() => this.#file.pauses.pairs(), []);
  }

  silences(): Silence[] {
    return this.#recall(() => this.#file.silences.all(), []);
  }

  knownServers(): Map<string, KnownServer> {
    return this.#recall(() => this.#file.knownServers.byName(), new Map<string, KnownServer>());
  }

  deliveries(alertId: string): Delivery[] {
    return this.#file.deliveries.ofAlert(alertId);
  }

  delivery(key: string, destination: string): Delivery | null {
    return this.#file.deliveries.get({ key, destination });
  }

  *eachOpenAlert(): Generator<Alert> {
    for (const id of this.#recall(() => this.#file.alerts.openIds(), [])) {
      const alert = this.#recall(() => this.#file.alerts.get(id), null);
      if (alert && alert.resolvedAt === null) yield alert;
    }
  }

  *openDeliveries(): Generator<Delivery | null> {
    // As it was when this began: who is told that one is over is known from what was told before.
    const open = new Set(this.#recall(() => this.#file.alerts.openIds(), []));
    for (const id of open) yield* this.#recall(() => this.#file.deliveries.ofAlert(id), []);
    const pages = this.#file.deliveries.waitingKeys();
    for (;;) {
      const keys = this.#recall(() => pages.next().value, undefined);
      if (!keys) return;
      for (const key of keys) {
        if (open.has(key.alertId)) continue;
        const delivery = this.#recall(() => this.#file.deliveries.get(key), null);
        if (delivery?.endedAt === null) yield delivery;
      }
      if (keys.length > 0) yield null;
    }
  }

  waitingDeliveries(): Delivery[] {
    return this.#file.deliveries.waiting();
  }

  flush(): void {
    this.#file.writer.flush();
  }

  health(): StorageHealth {
    const { writer, db, trouble: ofFile, bytes } = this.#file;
    const buffered = this.#closed ? 0 : writer.buffered;
    const { dropped } = writer;
    const trouble = this.#closed ? 'the history is closed' : (ofFile ?? this.#instead?.why ?? null);
    const lost = dropped > 0 ? `; ${dropped} rows were given up` : '';
    return {
      ok: trouble === null,
      file: db.file,
      evidence: trouble === null ? `all is written${lost}` : `${trouble}; ${waiting(buffered)}${lost}`,
      buffered,
      dropped,
      bytes,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }

  #recall<T>(read: () => T, otherwise: T): T {
    const { db } = this.#file;
    const before = db.damaged;
    try {
      const found = read();
      const damaged = db.damaged - before;
      if (damaged > 0) {
        this.#options.log.error(
          { rows: damaged },
          `history is not gone on with as a whole: ${db.unreadable}`,
        );
      }
      return found;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#unrecalled = true;
      this.#options.log.error({ err: error }, `history is not gone on with: ${error.message}`);
      return otherwise;
    }
  }
}

function waiting(rows: number): string {
  return rows === 1 ? '1 row waits in memory' : `${rows} rows wait in memory`;
}
