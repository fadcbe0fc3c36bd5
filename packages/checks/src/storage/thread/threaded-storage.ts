import type { Logger } from '../../log.ts';
import type { Alert } from '../../model/alert.ts';
import type { TableCheckpoint } from '../../model/checkpoint.ts';
import type { Delivery } from '../../model/delivery.ts';
import type { KnownServer } from '../../model/server.ts';
import type { Silence } from '../../model/silence.ts';
import type { TableResult } from '../../model/verdict.ts';
import type { MetricsStorage, StorageHealth, StoredSession } from '../storage.ts';
import { StorageError } from '../storage-error.ts';
import type { Line, Weight } from './line.ts';

type Arguments<Method extends keyof MetricsStorage> = MetricsStorage[Method] extends (
  ...args: infer Args
) => unknown
  ? Args
  : never;
type Result<Method extends keyof MetricsStorage> = MetricsStorage[Method] extends (
  ...args: never[]
) => infer Value
  ? Value
  : never;

const needed: Weight = { dispensable: false, rows: 1 };
const dispensable: Weight = { dispensable: true, rows: 1 };

/**
 * The history in a thread of its own. A write is told and not waited for; a read waits as long as the thread works, and
 * throws StorageError, or recalls nothing, while it does not answer.
 */
export class ThreadedStorage implements MetricsStorage {
  readonly #line: Line;
  readonly #log: Logger;
  readonly #reopened = new Set<() => void>();
  #health: StorageHealth;
  /** Since when the thread does not answer. */
  #lateSince: Date | null = null;
  /** What was to be gone on with was asked for meanwhile. */
  #missed = false;
  /** By run: what came while the thread did not answer. */
  readonly #checkpoints = new Map<string, TableCheckpoint | null>();
  #closed = false;
  /** A thread that waits for a disk cannot be ended, and a program waits for its threads. */
  #isHeld = false;
  readonly #atExit = (): void => {
    this.#end('hurried');
    if (this.#isHeld) process.kill(process.pid, 'SIGKILL');
  };

  constructor(line: Line, health: StorageHealth, log: Logger) {
    this.#line = line;
    this.#health = health;
    this.#log = log;
  }

  /** From now on the program's end is this one's, too, however it comes about. Answers how to take that back. */
  begin(): () => void {
    process.once('exit', this.#atExit);
    return () => void process.off('exit', this.#atExit);
  }

  /** As the thread says. */
  is(health: StorageHealth): void {
    if (!this.#closed) this.#health = health;
  }

  /** The thread stopped answering, or goes on. */
  late(isLate: boolean): void {
    const { file } = this.#health;
    if (isLate) {
      this.#lateSince = new Date();
      this.#log.error({ file }, `history is neither written nor read: ${this.#unanswered()}`);
      return;
    }
    this.#log.info({ file, since: this.#lateSince }, 'the disk of the history answers again');
    this.#lateSince = null;
    this.#tellCheckpoints();
    if (!this.#missed) return;
    this.#missed = false;
    // Not in the middle of whatever asked just now.
    setImmediate(() => this.reopened());
  }

  /** The thread goes on with a file that could not be used before. */
  reopened(): void {
    for (const listener of this.#reopened) listener();
  }

  recordLag(...args: Arguments<'recordLag'>): void {
    this.#line.tell('recordLag', args, dispensable);
  }

  recordEvent(...args: Arguments<'recordEvent'>): void {
    this.#line.tell('recordEvent', args, dispensable);
  }

  recordRun(...args: Arguments<'recordRun'>): void {
    this.#line.tell('recordRun', args, needed);
  }

  recordResult(...args: Arguments<'recordResult'>): void {
    this.#line.tell('recordResult', args, { dispensable: true, rows: 1 + args[0].rows.length });
  }

  forgetResults(...args: Arguments<'forgetResults'>): void {
    this.#line.tell('forgetResults', args, needed);
  }

  recordAlert(...args: Arguments<'recordAlert'>): void {
    this.#line.tell('recordAlert', args, needed);
  }

  recordDelivery(...args: Arguments<'recordDelivery'>): void {
    this.#line.tell('recordDelivery', args, needed);
  }

  setPaused(...args: Arguments<'setPaused'>): void {
    this.#line.tell('setPaused', args, needed);
  }

  recordSilence(...args: Arguments<'recordSilence'>): void {
    this.#line.tell('recordSilence', args, needed);
  }

  recordServer(...args: Arguments<'recordServer'>): void {
    this.#line.tell('recordServer', args, needed);
  }

  recordSession(...args: Arguments<'recordSession'>): void {
    this.#line.tell('recordSession', args, needed);
  }

  recordAudit(...args: Arguments<'recordAudit'>): void {
    this.#line.tell('recordAudit', args, needed);
  }

  recordCheckpoint(...args: Arguments<'recordCheckpoint'>): void {
    const [run, checkpoint] = args;
    // Each takes the place of the one before: of those that wait only the last is worth memory.
    if (this.#line.late) this.#checkpoints.set(run, checkpoint);
    else this.#tellCheckpoint(run, checkpoint);
  }

  checkpoint(...args: Arguments<'checkpoint'>): Result<'checkpoint'> {
    return this.#line.ask('checkpoint', args);
  }

  lagHistory(...args: Arguments<'lagHistory'>): Result<'lagHistory'> {
    return this.#line.ask('lagHistory', args);
  }

  events(...args: Arguments<'events'>): Result<'events'> {
    return this.#line.ask('events', args);
  }

  eventsSince(...args: Arguments<'eventsSince'>): Result<'eventsSince'> {
    return this.#line.ask('eventsSince', args);
  }

  runs(...args: Arguments<'runs'>): Result<'runs'> {
    return this.#line.ask('runs', args);
  }

  run(...args: Arguments<'run'>): Result<'run'> {
    return this.#line.ask('run', args);
  }

  result(...args: Arguments<'result'>): Result<'result'> {
    return this.#line.ask('result', args);
  }

  differences(...args: Arguments<'differences'>): Result<'differences'> {
    return this.#line.ask('differences', args);
  }

  resultHistory(...args: Arguments<'resultHistory'>): Result<'resultHistory'> {
    return this.#line.ask('resultHistory', args);
  }

  runChanges(...args: Arguments<'runChanges'>): Result<'runChanges'> {
    return this.#line.ask('runChanges', args);
  }

  verdictSince(...args: Arguments<'verdictSince'>): Result<'verdictSince'> {
    return this.#line.ask('verdictSince', args);
  }

  alerts(...args: Arguments<'alerts'>): Result<'alerts'> {
    return this.#line.ask('alerts', args);
  }

  alert(...args: Arguments<'alert'>): Result<'alert'> {
    return this.#line.ask('alert', args);
  }

  deliveries(...args: Arguments<'deliveries'>): Result<'deliveries'> {
    return this.#line.ask('deliveries', args);
  }

  delivery(...args: Arguments<'delivery'>): Result<'delivery'> {
    return this.#line.ask('delivery', args);
  }

  waitingDeliveries(): Delivery[] {
    return this.#line.ask('waitingDeliveries', []);
  }

  audit(...args: Arguments<'audit'>): Result<'audit'> {
    return this.#line.ask('audit', args);
  }

  auditedPeople(): string[] {
    return this.#line.ask('auditedPeople', []);
  }

  results(...args: Arguments<'results'>): Omit<TableResult, 'rows'>[] {
    return this.#recall('results', args, []);
  }

  openAlerts(): Alert[] {
    return this.#recall('openAlerts', [], []);
  }

  silencedAlerts(...args: Arguments<'silencedAlerts'>): Alert[] {
    return this.#recall('silencedAlerts', args, []);
  }

  pausedPairs(): string[] {
    return this.#recall('pausedPairs', [], []);
  }

  silences(): Silence[] {
    return this.#recall('silences', [], []);
  }

  sessions(): StoredSession[] {
    return this.#recall('sessions', [], []);
  }

  knownServers(): Map<string, KnownServer> {
    return this.#recall('knownServers', [], new Map<string, KnownServer>());
  }

  eachOpenAlert(): Iterable<Alert> {
    return this.#walk<Alert>('eachOpenAlert');
  }

  openDeliveries(): Iterable<Delivery | null> {
    return this.#walk<Delivery | null>('openDeliveries');
  }

  get knowsBefore(): boolean {
    return !this.#missed && this.#recall('knowsBefore', [], false);
  }

  onReopened(listener: () => void): () => void {
    this.#reopened.add(listener);
    return () => this.#reopened.delete(listener);
  }

  flush(): void {
    try {
      this.#line.ask('flush', []);
    } catch (error) {
      // It is written as soon as the disk answers; `health` says so.
      if (!(error instanceof StorageError)) throw error;
    }
  }

  health(): StorageHealth {
    const { dropped: given } = this.#line;
    const dropped = this.#health.dropped + given;
    const lost = given > 0 ? `; ${given} rows were given up while its disk did not answer` : '';
    if (this.#closed || !this.#line.late) {
      return { ...this.#health, evidence: this.#health.evidence + lost, dropped };
    }
    const buffered = this.#health.buffered + this.#line.rows + this.#checkpoints.size;
    const evidence = `${this.#unanswered()}; ${buffered} rows wait in memory${lost}`;
    return { ...this.#health, ok: false, evidence, buffered, dropped };
  }

  close(): void {
    this.#end('usual');
  }

  #end(how: 'usual' | 'hurried'): void {
    if (this.#closed) return;
    this.#tellCheckpoints();
    const { rows } = this.#line;
    try {
      this.#health = this.#line.askLast<StorageHealth>('end', how);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const waiting = this.#health.buffered + rows;
      this.#health = { ...this.#health, ok: false, evidence: 'the history is closed' };
      this.#log.error({ rows: waiting }, `history is incomplete: ${this.#unanswered()}`);
      this.#isHeld = this.#line.over === null;
    }
    if (!this.#isHeld) process.off('exit', this.#atExit);
    this.#closed = true;
    this.#line.end('the history is closed');
  }

  #tellCheckpoints(): void {
    for (const [run, checkpoint] of this.#checkpoints) this.#tellCheckpoint(run, checkpoint);
    this.#checkpoints.clear();
  }

  #tellCheckpoint(run: string, checkpoint: TableCheckpoint | null): void {
    const rows = 1 + (checkpoint?.tally.rows.length ?? 0);
    this.#line.tell('recordCheckpoint', [run, checkpoint], { dispensable: true, rows });
  }

  #unanswered(): string {
    const { over, isAtWork } = this.#line;
    if (over !== null) return over;
    const since = this.#lateSince === null ? '' : ` since ${this.#lateSince.toISOString()}`;
    const disk = `the disk that has ${this.#health.file}`;
    if (isAtWork) {
      return `${disk} is slow, or has much to do,${since}: what waits is written before anything is read`;
    }
    return `${disk} does not answer${since}: look at the disk or the mount`;
  }

  #recall<T>(method: string, args: unknown[], otherwise: T): T {
    try {
      return this.#line.ask<T>(method, args, 'recalled');
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#missed = true;
      this.#log.error({ err: error }, `history is not gone on with: ${error.message}`);
      return otherwise;
    }
  }

  /** Each is asked for when it is wanted, for what was read before may have changed since. */
  *#walk<T>(what: 'eachOpenAlert' | 'openDeliveries'): Generator<T, void, undefined> {
    const walk = this.#recall<number | null>('beginWalk', [what], null);
    if (walk === null) return;
    try {
      for (;;) {
        const step = this.#recall<IteratorResult<T>>('stepWalk', [walk], { done: true, value: undefined });
        if (step.done) return;
        yield step.value;
      }
    } finally {
      this.#line.tell('endWalk', [walk], needed);
    }
  }
}
