import { setTimeout as delay } from 'node:timers/promises';
import { AlertManager } from '../alerts/alert-manager.ts';
import type { Snapshot } from '../alerts/condition/snapshot.ts';
import { judging } from '../alerts/judge.ts';
import { SilenceBook } from '../alerts/silences/silence-book.ts';
import type { EngineConfig, PairConfig } from '../config.ts';
import type { Engine, EngineHealth, ScheduleState, TableState } from '../engine-api.ts';
import { HeartbeatManager } from '../heartbeat/heartbeat-manager.ts';
import { LagManager } from '../lag/lag-manager.ts';
import type { Logger } from '../log.ts';
import { Mishaps } from '../mishaps.ts';
import type { Alert } from '../model/alert.ts';
import type { Publish } from '../model/event.ts';
import type { GroupState } from '../model/group.ts';
import type { LagBucket } from '../model/lag.ts';
import type { PairEvent, PairState, PairStateName } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { KnownServer, ServerState } from '../model/server.ts';
import type { AlertMatcher, NewSilence, SilencePreview, SilenceState } from '../model/silence.ts';
import type { CheckKind, RowDifference } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import { ConnectionManager } from '../server/connection-manager.ts';
import { namesFold } from '../server/names-fold.ts';
import type {
  AlertFilter,
  MetricsStorage,
  Page,
  PageRequest,
  ResultLine,
  VerdictSince,
} from '../storage/storage.ts';
import { ifReadable, StorageError } from '../storage/storage-error.ts';
import { systemClock } from '../time/clock.ts';
import { inSlices } from '../time/slices.ts';
import { UnseenTime } from '../time/unseen-time.ts';
import type { RepairText } from '../verify/repair/repair-text.ts';
import { CheckRunner } from './check-runner.ts';
import { Chronicle } from './chronicle.ts';
import { type Changes, compare } from './compare.ts';
import { Hindsight } from './hindsight.ts';
import { Orders } from './orders.ts';
import { PairBoard } from './pair-board.ts';
import { recallResults } from './recall-results.ts';
import { replicationChanges, serverChanges } from './what-changed.ts';

export interface EngineOptions {
  config: EngineConfig;
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  /** Where errors that nobody expected are told; one of its own unless shared with what is around it. */
  mishaps?: Mishaps;
}

const judgeEveryMs = 1000;
const judgeSoonMs = 50;
/** A run that takes longer to be cut off ends by itself. */
const runsEndWithinMs = 3_000;

/** The engine: connections, lag, checks on their schedules, alerts; told to the world through `publish`. */
export class MonitoringEngine implements Engine {
  #config: EngineConfig;
  readonly #storage: MetricsStorage;
  readonly #log: Logger;
  readonly #mishaps: Mishaps;
  readonly #servers: ConnectionManager;
  readonly #lag: LagManager;
  readonly #heartbeats: HeartbeatManager;
  readonly #alerts: AlertManager;
  readonly #silences: SilenceBook;
  readonly #runner: CheckRunner;
  readonly #chronicle: Chronicle;
  readonly #orders: Orders;
  readonly #hindsight: Hindsight;
  readonly #pairs = new Map<string, PairBoard>();
  #judging: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  readonly #told = new Map<string, ServerState>();
  /** What is remembered of servers, of those, too, that did not answer this process yet. */
  readonly #known: Map<string, KnownServer>;
  readonly #unseen = new UnseenTime(systemClock);
  #judgedAt = 0;
  /** A round of judging is under way, … */
  #judgingNow = false;
  /** … and there was news meanwhile. */
  #judgeAgain = false;
  readonly #ended = new AbortController();
  #startedAt: Date | null = null;
  #stopping: Promise<void> | null = null;

  constructor({ config, storage, publish, log, mishaps = new Mishaps({ log }) }: EngineOptions) {
    this.#mishaps = mishaps;
    this.#config = config;
    this.#storage = storage;
    this.#log = log;
    this.#chronicle = new Chronicle({ storage, publish, log, mishaps });
    const paused = new Set(storage.pausedPairs());
    const known = storage.knownServers();
    this.#known = new Map(known);
    for (const pair of config.pairs) {
      this.#pairs.set(pair.name, new PairBoard(pair, recallResults(pair, storage), paused.has(pair.name)));
    }
    this.#servers = new ConnectionManager({
      servers: config.servers,
      connection: config.connection,
      log,
      onChange: (state) =>
        mishaps.guard('telling of a server', () => this.#serverChanged(state), { server: state.name }),
      known,
    });
    this.#lag = new LagManager({
      manager: this.#servers,
      pairs: config.pairs,
      config: config.lag,
      onLag: (sample) => {
        const pair = this.#pair(sample.pair);
        pair.lag = sample;
        this.#chronicle.lag(sample);
      },
      onReplication: (status) => {
        const pair = this.#pair(status.pair);
        for (const message of replicationChanges(pair.replication, status)) {
          this.#chronicle.happened(status.pair, 'connection', message);
        }
        pair.replication = status;
        this.#chronicle.replication(status);
      },
      onGroup: (state) => this.#chronicle.group(state),
      onGroupEvent: (servers, message) => this.#happenedTo(servers, message),
      onKnownMember: (server, member) => this.#remember(server, { member }),
      replicatedBefore: (pair) => hasLagHistory(storage, pair),
      onState: (pair, { state, evidence }) => this.#stateChanged(pair, state, evidence),
      mishaps,
    });
    this.#lag.recall(known);
    this.#heartbeats = new HeartbeatManager({
      manager: this.#servers,
      pairs: config.pairs,
      timeoutMs: config.lag.timeoutMs,
      onReading: (reading) => {
        this.#pair(reading.pair).heartbeat = reading;
        this.#chronicle.heartbeat(reading);
      },
      mishaps,
    });
    this.#silences = new SilenceBook({
      pairs: config.pairs,
      maintenance: config.maintenance ?? [],
      storage,
      publish,
      log,
      clock: systemClock,
    });
    this.#alerts = new AlertManager({
      config: config.alerts,
      storage,
      publish,
      log,
      mishaps,
      silences: this.#silences,
    });
    this.#runner = new CheckRunner({
      pairs: this.#pairs,
      servers: this.#servers,
      lag: this.#lag,
      storage,
      chronicle: this.#chronicle,
      mishaps,
    });
    this.#orders = new Orders({
      pairs: this.#pairs,
      servers: this.#servers,
      lag: this.#lag,
      runner: this.#runner,
      alerts: this.#alerts,
      silences: this.#silences,
      storage,
      chronicle: this.#chronicle,
    });
    this.#hindsight = new Hindsight({
      pairs: this.#pairs,
      storage,
      servers: this.#servers,
      lag: this.#lag,
      runner: this.#runner,
      alerts: this.#alerts,
      orders: this.#orders,
      chronicle: this.#chronicle,
      mishaps,
      log,
    });
  }

  start(): void {
    if (this.#startedAt) return;
    this.#startedAt = new Date();
    this.#hindsight.start();
    this.#servers.start();
    this.#lag.start();
    this.#heartbeats.start();
    this.#runner.start();
    this.#judging = setInterval(() => this.#judge(), judgeEveryMs);
    this.#log.info({ pairs: this.#pairs.size, servers: this.#config.servers.length }, 'engine started');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#judging);
    clearTimeout(this.#soon);
    this.#ended.abort();
    this.#hindsight.stop();
    this.#chronicle.stop();
    const runs = this.#runner.stop();
    this.#lag.stop();
    this.#heartbeats.stop();
    // Closing the connections ends whatever statement a run still waits for.
    await this.#servers.stop();
    await runs;
    this.#log.info({}, 'engine stopped');
  }

  /**
   * Takes up another configuration. What it has as it was goes on untouched; a pair or server that it changes is begun
   * anew, as after a restart; `storage` stays as it was. Resolves when the new one holds; only one may be under way.
   * Rejects with EngineRequestError when the engine is stopping.
   */
  async reconfigure(config: EngineConfig, by: string): Promise<Changes> {
    const changes = compare(this.#config, config);
    const { added, removed, changed } = changes.pairs;
    const leaving = [...removed, ...changed].map((name) => this.#pair(name));
    const left = leaving.map((board) => {
      const begunAnew = changed.includes(board.config.name);
      return this.#runner.leave(board, { begunAnew, why: `${begunAnew ? 'changes' : 'removes'} the pair` });
    });
    await Promise.race([Promise.all(left), delay(runsEndWithinMs, undefined, { ref: false })]);
    if (this.#stopping) throw new EngineRequestError('CONFLICT', 'Lockstep is stopping');

    for (const board of leaving) this.#chronicle.forget(board);
    this.#config = { ...config, storage: this.#config.storage };
    for (const name of [...changes.servers.removed, ...changes.servers.changed]) this.#told.delete(name);
    const { pairs, lag } = config;
    const begun = this.#arrangeBoards(pairs, new Set([...added, ...changed]));
    const before = new Map(leaving.map((board) => [board.config.name, board]));
    // What is still to be written of it is newer than what is kept.
    const known = new Map([...this.#storage.knownServers(), ...this.#known]);
    this.#alerts.reconfigure(config.alerts);
    this.#silences.reconfigure(pairs, config.maintenance ?? []);
    this.#servers.reconfigure(config.servers, config.connection, known);
    const goOn = this.#lag.reconfigure(pairs, lag);
    this.#lag.recall(known);
    this.#heartbeats.reconfigure(pairs, lag.timeoutMs);
    for (const board of begun) {
      const { name } = board.config;
      const known = goOn.has(name) && before.get(name);
      if (known) board.goOnFrom(known);
      this.#tellSides(board);
      this.#runner.begin(board);
      const what = changed.includes(name) ? 'changed' : 'added to the configuration';
      this.#chronicle.happened(name, 'operator', `${what} by ${by}`);
      this.#chronicle.pair(board);
    }
    this.#judgeSoon();
    return changes;
  }

  /** In the order of the configuration; answers those of the pairs that are `anew`. */
  #arrangeBoards(pairs: PairConfig[], anew: ReadonlySet<string>): PairBoard[] {
    const before = new Map(this.#pairs);
    const paused = new Set(anew.size > 0 ? this.#storage.pausedPairs() : []);
    this.#pairs.clear();
    return pairs.flatMap((pair) => {
      const { name } = pair;
      const known = before.get(name);
      if (known && !anew.has(name)) {
        this.#pairs.set(name, known);
        return [];
      }
      const board = new PairBoard(pair, recallResults(pair, this.#storage), paused.has(name));
      this.#pairs.set(name, board);
      return [board];
    });
  }

  pairs(): PairState[] {
    return [...this.#pairs.values()].map(({ state }) => state);
  }

  pair(name: string): PairState | null {
    return this.#pairs.get(name)?.state ?? null;
  }

  groups(): GroupState[] {
    return this.#lag.groups();
  }

  servers(): ServerState[] {
    return this.#servers.states();
  }

  server(name: string): ServerState | null {
    return this.#servers.state(name);
  }

  tablePage(pair: string, page: PageRequest): Page<TableState> {
    const tables = this.#pairs.get(pair)?.tables;
    return tables?.page(page, this.#runner.current(pair)) ?? { items: [], nextCursor: null, total: 0 };
  }

  tables(pair: string): TableState[] {
    return this.#pairs.get(pair)?.tables.list(this.#runner.current(pair)) ?? [];
  }

  table(pair: string, schema: string, table: string): TableState | null {
    const board = this.#pairs.get(pair);
    return board?.tables.get(board.spelled({ schema, table }), this.#runner.current(pair)) ?? null;
  }

  activeRuns(pair?: string): Run[] {
    return this.#runner.active(pair);
  }

  schedules(): ScheduleState[] {
    return this.#runner.schedules();
  }

  health(): EngineHealth {
    const storage = this.#storage.health();
    const late = performance.now() - this.#judgedAt > judgeEveryMs * 10;
    const running = this.#startedAt !== null && this.#stopping === null;
    const ok = running && !(this.#judgedAt > 0 && late);
    return {
      ok,
      evidence: !running
        ? 'the engine is not running'
        : ok
          ? 'schedules and samplers are running'
          : 'the cycle is late',
      startedAt: this.#startedAt,
      storage,
    };
  }

  lagHistory(pair: string, range: { from: Date; to: Date; maxPoints: number }): LagBucket[] {
    // With more buckets than samples every second one would look like a gap.
    const samples = (range.to.getTime() - range.from.getTime()) / (2 * this.#config.lag.sampleIntervalMs);
    const maxPoints = Math.max(1, Math.min(range.maxPoints, Math.floor(samples)));
    return this.#storage.lagHistory(pair, { ...range, maxPoints });
  }

  events(pair: string, range: { from: Date; to: Date }): PairEvent[] {
    return this.#storage.events(pair, range);
  }

  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run> {
    return this.#storage.runs(filter, page);
  }

  run(id: string): Run | null {
    return this.#runner.active().find((run) => run.id === id) ?? this.#storage.run(id);
  }

  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference> {
    return this.#whyVoid(pair, check, schema, table) === null
      ? this.#storage.differences(pair, check, schema, table, page)
      : { items: [], nextCursor: null, total: 0 };
  }

  tableHistory(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<ResultLine> {
    return this.#storage.resultHistory(pair, check, schema, table, page);
  }

  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null {
    return this.#whyVoid(pair, check, schema, table) === null
      ? this.#storage.verdictSince(pair, check, schema, table)
      : null;
  }

  repair(pair: string, check: CheckKind, schema: string, table: string): Promise<RepairText> {
    return this.#orders.repair(pair, check, schema, table);
  }

  /** What is open is known without the history, too; then the list has one page. */
  alerts(filter: AlertFilter, page: PageRequest): Page<Alert> {
    try {
      return this.#storage.alerts(filter, page);
    } catch (error) {
      const { states, severities, pair } = filter;
      if (!(error instanceof StorageError) || !states || states.includes('resolved')) throw error;
      const open = this.#alerts
        .open()
        .filter((alert) => states.includes(alert.state))
        .filter((alert) => severities?.includes(alert.severity) ?? true)
        .filter((alert) => pair === undefined || alert.pair === pair)
        .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
      return { items: open.slice(0, page.limit), nextCursor: null, total: open.length };
    }
  }

  startRun(pair: string, check: CheckKind, tables: string[] | null, by: string): Run {
    return this.#orders.startRun(pair, check, tables, by);
  }

  cancelRun(id: string, by: string): Run {
    return this.#orders.cancelRun(id, by);
  }

  pauseRun(id: string, by: string): Run {
    return this.#orders.pauseRun(id, by);
  }

  resumeRun(id: string, _by: string): Run {
    return this.#orders.resumeRun(id);
  }

  pausePair(name: string, by: string): PairState {
    return this.#orders.setPaused(name, true, by);
  }

  resumePair(name: string, by: string): PairState {
    return this.#orders.setPaused(name, false, by);
  }

  acknowledgeAlert(id: string, by: string, note: string): Alert {
    return this.#orders.acknowledgeAlert(id, by, note);
  }

  unacknowledgeAlert(id: string, by: string): Alert {
    return this.#orders.unacknowledgeAlert(id, by);
  }

  silences(): SilenceState[] {
    return this.#silences.list();
  }

  previewSilence(matcher: AlertMatcher): SilencePreview {
    return this.#orders.previewSilence(matcher);
  }

  createSilence(silence: NewSilence, by: string): SilenceState {
    return this.#orders.createSilence(silence, by);
  }

  endSilence(id: string, by: string): SilenceState {
    return this.#orders.endSilence(id, by);
  }

  restoreSilence(id: string, by: string): SilenceState {
    return this.#orders.restoreSilence(id, by);
  }

  acceptGroupSize(id: string, size: number, by: string): GroupState {
    return this.#orders.acceptGroupSize(id, size, by);
  }

  silenceAlert(id: string, by: string, until: Date | null): Alert {
    return this.#orders.silenceAlert(id, by, until);
  }

  #whyVoid(pair: string, check: CheckKind, schema: string, table: string): string | null {
    return this.#pairs.get(pair)?.tables.whyVoid(check, { schema, table }) ?? null;
  }

  #pair(name: string): PairBoard {
    const pair = this.#pairs.get(name);
    if (!pair) throw new Error(`no pair is named ${name}`);
    return pair;
  }

  #stateChanged(name: string, state: PairStateName, evidence: string): void {
    const pair = this.#pair(name);
    const at = new Date();
    if (pair.setState(state, evidence, at)) {
      this.#chronicle.state(name, state, evidence, at);
      this.#judgeSoon();
    }
    this.#chronicle.pair(pair);
  }

  #serverChanged(state: ServerState): void {
    this.#chronicle.server(state);
    const before = this.#told.get(state.name);
    const changes = serverChanges(before, state);
    // What is not known for a moment, while a connection is made anew, may have changed meanwhile.
    this.#told.set(state.name, {
      ...state,
      readOnly: state.readOnly ?? before?.readOnly ?? null,
      clockAheadMs: state.clockAheadMs ?? before?.clockAheadMs ?? null,
    });
    const { name, identity, replaced } = state;
    const known = before?.identity === identity && before?.replaced === replaced;
    if (identity !== null && !known) this.#remember(name, { identity, replaced });
    for (const pair of this.#pairs.values()) {
      const { config } = pair;
      if (config.source !== name && config.target !== name) continue;
      for (const message of changes) this.#chronicle.happened(config.name, 'connection', message);
      if (!known) this.#tellSides(pair);
    }
    if (this.#startedAt && changes.length > 0) this.#judgeSoon();
  }

  #remember(name: string, part: Partial<KnownServer>): void {
    const { identity, replaced } = this.#servers.get(name).state;
    // The history may have been opened since this process began.
    const known = this.#known.get(name) ?? this.#storage.knownServers().get(name);
    const before = known ?? (identity === null ? null : { identity, replaced });
    if (!before) return;
    const now = { ...before, ...part };
    this.#known.set(name, now);
    this.#storage.recordServer(name, now);
  }

  /** To members of a cluster: in the time lines of all their pairs. */
  #happenedTo(servers: string[], message: string): void {
    for (const { config } of this.#pairs.values()) {
      const concerned = servers.includes(config.source) || servers.includes(config.target);
      if (concerned) this.#chronicle.happened(config.name, 'connection', message);
    }
    if (this.#startedAt) this.#judgeSoon();
  }

  /** One fault changes many things at once, the states of all pairs of a server for one: they are judged together. */
  #judgeSoon(): void {
    this.#soon ??= setTimeout(() => this.#judge(), judgeSoonMs);
  }

  #tellSides(pair: PairBoard): void {
    const { config, tables } = pair;
    const identity = (name: string) => this.#servers.get(name).facts?.identity ?? null;
    pair.namesFold = namesFold(this.#servers.get(config.source), this.#servers.get(config.target));
    const changed = tables.setSides({ source: identity(config.source), target: identity(config.target) });
    if (changed.length === 0) return;
    this.#chronicle.known(changed);
    this.#chronicle.pairSoon(pair);
  }

  #judge(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (this.#stopping) return;
    if (this.#judgingNow) {
      this.#judgeAgain = true;
      return;
    }
    this.#judgingNow = true;
    this.#judgeAgain = false;
    inSlices(this.#round(), this.#ended.signal, (error) => {
      this.#judgingNow = false;
      if (error !== null) this.#mishaps.happened('judging', error);
      if (this.#judgeAgain) this.#judgeSoon();
    });
  }

  *#round(): Generator<void, void, undefined> {
    this.#unseen.notice();
    const snapshot: Snapshot = {
      at: new Date(),
      pairs: [...this.#pairs.values()].map(({ snapshot }) => snapshot),
      servers: this.#servers.states(),
      groups: this.#lag.groups(),
      storage: this.#storage.health(),
      mishaps: this.#mishaps.recent(),
      unverifiedForMs: this.#config.alerts.unverifiedForMs,
      unseenSince: (date) => this.#unseen.since(date),
    };
    const exists = {
      pairs: new Set(this.#pairs.keys()),
      servers: new Set(snapshot.servers.map(({ name }) => name)),
    };
    for (const _ of this.#alerts.observing(judging(snapshot, this.#alerts, this.#mishaps), exists)) {
      this.#judgedAt = performance.now();
      yield;
    }
  }
}

/** A pair whose lag was once known did replicate. */
function hasLagHistory(storage: MetricsStorage, pair: string): boolean {
  const ever = { from: new Date(0), to: new Date(), maxPoints: 1 };
  return ifReadable(() => storage.lagHistory(pair, ever).length > 0, false);
}
