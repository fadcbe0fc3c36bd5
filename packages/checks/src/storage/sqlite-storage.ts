import { statSync } from 'node:fs';
import type { Alert } from '../model/alert.ts';
import type { TableCheckpoint } from '../model/checkpoint.ts';
import type { Delivery } from '../model/delivery.ts';
import type { LagBucket, LagSample } from '../model/lag.ts';
import type { PairEvent } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { KnownServer } from '../model/server.ts';
import type { CheckKind, RowDifference, TableResult } from '../model/verdict.ts';
import type { TableName } from '../table-name.ts';
import { Alerts } from './alerts.ts';
import type { HistoryRange } from './bucketing.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Database } from './database.ts';
import { Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { KnownServers } from './known-servers.ts';
import { Lags } from './lags.ts';
import { Pauses } from './pauses.ts';
import { Results } from './results.ts';
import { Runs } from './runs.ts';
import type {
  AlertFilter,
  MetricsStorage,
  Page,
  PageRequest,
  ResultLine,
  StorageHealth,
  VerdictSince,
} from './storage.ts';
import { StorageError } from './storage-error.ts';
import { Writer, type WriterOptions } from './writer.ts';

type ResultWithoutRows = Omit<TableResult, 'rows'>;

/** The history on SQLite. Every write goes through the buffer; every read sees file and buffer together. */
export class SqliteStorage implements MetricsStorage {
  readonly #db: Database;
  readonly #options: WriterOptions;
  readonly #unlock: () => void;
  readonly #writer: Writer;
  readonly #lags: Lags;
  readonly #events: Events;
  readonly #runs: Runs;
  readonly #results: Results;
  readonly #alerts: Alerts;
  readonly #deliveries: Deliveries;
  readonly #pauses: Pauses;
  readonly #checkpoints: Checkpoints;
  readonly #knownServers: KnownServers;
  readonly #inode: number | null;
  #closed = false;

  /** `unlock` lets go of the file; it is called once closed. */
  constructor(db: Database, options: WriterOptions, unlock: () => void) {
    this.#db = db;
    this.#options = options;
    this.#unlock = unlock;
    this.#writer = new Writer(db, options);
    this.#lags = new Lags(db);
    this.#events = new Events(db);
    this.#runs = new Runs(db);
    this.#results = new Results(db);
    this.#alerts = new Alerts(db);
    this.#deliveries = new Deliveries(db);
    this.#pauses = new Pauses(db);
    this.#checkpoints = new Checkpoints(db);
    this.#knownServers = new KnownServers(db);
    this.#inode = this.#onDisk()?.inode ?? null;
  }

  recordLag(sample: LagSample): void {
    this.#writer.write(() => this.#lags.record(sample));
  }

  recordEvent(event: PairEvent): void {
    this.#writer.write(() => this.#events.record(event));
  }

  recordRun(run: Run): void {
    this.#writer.write(() => this.#runs.record(run));
  }

  recordResult(result: TableResult): void {
    this.#writer.write(() => this.#results.record(result));
  }

  forgetResults(pair: string, table: TableName): void {
    this.#writer.write(() => this.#results.forget(pair, table));
  }

  recordAlert(alert: Alert): void {
    this.#writer.write(() => this.#alerts.record(alert));
  }

  recordDelivery(delivery: Delivery): void {
    this.#writer.write(() => this.#deliveries.record(delivery));
  }

  setPaused(pair: string, paused: boolean): void {
    this.#writer.write(() => this.#pauses.set(pair, paused));
  }

  recordServer(name: string, known: KnownServer): void {
    this.#writer.write(() => this.#knownServers.record(name, known));
  }

  recordCheckpoint(runId: string, checkpoint: TableCheckpoint | null): void {
    this.#writer.write(() => this.#checkpoints.record(runId, checkpoint, this.#options.now()));
  }

  checkpoint(runId: string): TableCheckpoint | null {
    return this.#checkpoints.get(runId);
  }

  lagHistory(pair: string, range: HistoryRange): LagBucket[] {
    return this.#lags.history(pair, range, this.#options.now() - this.#options.config.rawLagMs);
  }

  events(pair: string, range: { from: Date; to: Date }): PairEvent[] {
    return this.#events.within(pair, range);
  }

  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run> {
    return this.#runs.page(filter, page);
  }

  run(id: string): Run | null {
    return this.#runs.get(id);
  }

  results(pair: string): ResultWithoutRows[] {
    return this.#recall(() => this.#results.ofPair(pair), []);
  }

  result(pair: string, check: CheckKind, schema: string, table: string): ResultWithoutRows | null {
    return this.#results.get(pair, check, schema, table);
  }

  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference> {
    return this.#results.differences([pair, check, schema, table], page);
  }

  resultHistory(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<ResultLine> {
    return this.#results.lines([pair, check, schema, table], page);
  }

  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null {
    return this.#results.since([pair, check, schema, table]);
  }

  alerts(filter: AlertFilter, page: PageRequest): Page<Alert> {
    return this.#alerts.page(filter, page);
  }

  openAlerts(): Alert[] {
    return this.#recall(() => this.#alerts.open(), []);
  }

  silencedAlerts(now: Date): Alert[] {
    return this.#recall(() => this.#alerts.silenced(now), []);
  }

  alert(id: string): Alert | null {
    return this.#alerts.get(id);
  }

  pausedPairs(): string[] {
    return this.#recall(() => this.#pauses.pairs(), []);
  }

  knownServers(): Map<string, KnownServer> {
    return this.#recall(() => this.#knownServers.byName(), new Map<string, KnownServer>());
  }

  deliveries(alertId: string): Delivery[] {
    return this.#deliveries.ofAlert(alertId);
  }

  openDeliveries(): Delivery[] {
    return this.#recall(() => this.#deliveries.open(), []);
  }

  waitingDeliveries(): Delivery[] {
    return this.#deliveries.waiting();
  }

  flush(): void {
    this.#writer.flush();
  }

  health(): StorageHealth {
    const { buffered, dropped } = this.#writer;
    const disk = this.#onDisk();
    const trouble = this.#closed
      ? 'the history is closed'
      : this.#inode !== null && disk?.inode !== this.#inode
        ? 'the file was removed or replaced by another while Lockstep used it; restart Lockstep to begin a new one'
        : (this.#writer.trouble ?? this.#db.unreadable ?? this.#options.instead ?? null);
    const lost = dropped > 0 ? `; ${dropped} rows were given up` : '';
    return {
      ok: trouble === null,
      file: this.#db.file,
      evidence: trouble === null ? `all is written${lost}` : `${trouble}; ${waiting(buffered)}${lost}`,
      buffered,
      dropped,
      bytes: disk?.bytes ?? null,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#writer.close();
    this.#db.close();
    this.#unlock();
  }

  #recall<T>(read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#options.log.error({ err: error }, `history is not gone on with: ${error.message}`);
      return otherwise;
    }
  }

  /** Null where there is no file, or none that can be seen any more. */
  #onDisk(): { inode: number; bytes: number } | null {
    try {
      const main = statSync(this.#db.file);
      const wal = statSync(`${this.#db.file}-wal`, { throwIfNoEntry: false });
      return { inode: main.ino, bytes: main.size + (wal?.size ?? 0) };
    } catch {
      return null;
    }
  }
}

function waiting(rows: number): string {
  return rows === 1 ? '1 row waits in memory' : `${rows} rows wait in memory`;
}
