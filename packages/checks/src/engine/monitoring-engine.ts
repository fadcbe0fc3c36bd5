import { AlertManager } from '../alerts/alert-manager.ts';
import { SilenceBook } from '../alerts/silences/silence-book.ts';
import type { EngineConfig } from '../config.ts';
import type { Engine, EngineHealth, ScheduleState, TableFilter, TableState } from '../engine-api.ts';
import { HeartbeatManager } from '../heartbeat/heartbeat-manager.ts';
import { LagManager } from '../lag/lag-manager.ts';
import type { Logger } from '../log.ts';
import { Mishaps } from '../mishaps.ts';
import type { Alert } from '../model/alert.ts';
import type { Publish } from '../model/event.ts';
import type { GroupState } from '../model/group.ts';
import type { LagBucket } from '../model/lag.ts';
import type { PairEvent, PairState } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { ServerState } from '../model/server.ts';
import type { AlertMatcher, NewSilence, SilencePreview, SilenceState } from '../model/silence.ts';
import type { Tallies } from '../model/tally.ts';
import type { CheckKind, RowDifference } from '../model/verdict.ts';
import { ConnectionManager } from '../server/connection-manager.ts';
import type {
  AlertFilter,
  EventRange,
  MetricsStorage,
  Page,
  PageRequest,
  ResultLine,
  RunChange,
  VerdictSince,
} from '../storage/storage.ts';
import { ifReadable } from '../storage/storage-error.ts';
import { systemClock } from '../time/clock.ts';
import type { RepairText } from '../verify/repair/repair-text.ts';
import { AlertNews } from './alert-news.ts';
import { CheckRunner } from './check-runner.ts';
import { Chronicle } from './chronicle.ts';
import type { Changes } from './compare.ts';
import { Hindsight } from './hindsight.ts';
import { JudgingRounds } from './judging-rounds.ts';
import { Orders } from './orders.ts';
import { PairBoards } from './pair-boards.ts';
import { PairNews } from './pair-news.ts';
import { Reading } from './reading.ts';
import { Reconfiguration } from './reconfiguration.ts';
import { ServerNews } from './server-news.ts';

export interface EngineOptions {
  config: EngineConfig;
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  /** Where errors that nobody expected are told; one of its own unless shared with what is around it. */
  mishaps?: Mishaps;
}

/** The engine: connections, lag, checks on their schedules, alerts; told to the world through `publish`. */
export class MonitoringEngine implements Engine {
  readonly #storage: MetricsStorage;
  readonly #log: Logger;
  readonly #servers: ConnectionManager;
  readonly #lag: LagManager;
  readonly #heartbeats: HeartbeatManager;
  readonly #silences: SilenceBook;
  readonly #alertNews: AlertNews;
  readonly #runner: CheckRunner;
  readonly #chronicle: Chronicle;
  readonly #orders: Orders;
  readonly #hindsight: Hindsight;
  readonly #boards: PairBoards;
  readonly #reading: Reading;
  readonly #judging: JudgingRounds;
  readonly #reconfiguration: Reconfiguration;
  #startedAt: Date | null = null;
  #stopping: Promise<void> | null = null;

  constructor({ config, storage, publish, log, mishaps = new Mishaps({ log }) }: EngineOptions) {
    this.#storage = storage;
    this.#log = log;
    const chronicle = new Chronicle({ storage, publish, log, mishaps });
    this.#chronicle = chronicle;
    const known = storage.knownServers();
    const boards = new PairBoards(config.pairs, storage);
    this.#boards = boards;
    const pairs = boards.all;
    const servers = new ConnectionManager({
      servers: config.servers,
      connection: config.connection,
      log,
      onChange: (state) =>
        mishaps.guard('telling of a server', () => serverNews.changed(state), { server: state.name }),
      known,
    });
    this.#servers = servers;
    const serverNews = new ServerNews({
      boards,
      servers,
      storage,
      chronicle,
      known,
      onNews: () => {
        if (this.#startedAt) this.#judging.soon();
      },
    });
    const pairNews = new PairNews({ boards, chronicle, onNews: () => this.#judging.soon() });
    const lag = new LagManager({
      manager: servers,
      pairs: config.pairs,
      config: config.lag,
      onLag: (sample) => pairNews.lag(sample),
      onReplication: (status) => pairNews.replication(status),
      onGroup: (state) => chronicle.group(state),
      onGroupEvent: (members, message, kind) => serverNews.happened(members, message, kind),
      onKnownMember: (server, member) => serverNews.remember(server, { member }),
      onBroken: (target, broken) => serverNews.remember(target, { broken }),
      onRepointed: (target, repointed) => serverNews.remember(target, { repointed }),
      replicatedBefore: (pair) => hasLagHistory(storage, pair),
      onState: (pair, { state, evidence }) => pairNews.state(pair, state, evidence),
      mishaps,
    });
    this.#lag = lag;
    lag.recall(known);
    const heartbeats = new HeartbeatManager({
      manager: servers,
      pairs: config.pairs,
      timeoutMs: config.lag.timeoutMs,
      onReading: (reading) => pairNews.heartbeat(reading),
      mishaps,
    });
    this.#heartbeats = heartbeats;
    const silences = new SilenceBook({
      pairs: config.pairs,
      maintenance: config.maintenance ?? [],
      storage,
      publish,
      log,
      clock: systemClock,
    });
    this.#silences = silences;
    const alertNews = new AlertNews({ boards, chronicle, mishaps });
    this.#alertNews = alertNews;
    const alerts = new AlertManager({
      config: config.alerts,
      storage,
      publish,
      log,
      mishaps,
      silences,
      onTurn: (alert) => alertNews.turned(alert),
    });
    const runner = new CheckRunner({ pairs, servers, lag, storage, chronicle, mishaps });
    this.#runner = runner;
    const orders = new Orders({ pairs, servers, lag, runner, alerts, silences, storage, chronicle });
    this.#orders = orders;
    this.#hindsight = new Hindsight({
      pairs,
      storage,
      servers,
      lag,
      runner,
      alerts,
      orders,
      chronicle,
      mishaps,
      log,
    });
    const reconfiguration = new Reconfiguration(config, {
      boards,
      servers,
      serverNews,
      lag,
      heartbeats,
      alerts,
      silences,
      runner,
      chronicle,
      isStopping: () => this.#stopping !== null,
    });
    this.#reconfiguration = reconfiguration;
    const holding = () => reconfiguration.config;
    this.#judging = new JudgingRounds({ config: holding, pairs, servers, lag, storage, alerts, mishaps });
    this.#reading = new Reading({ config: holding, pairs, storage, runner, alerts });
  }

  start(): void {
    if (this.#startedAt) return;
    this.#startedAt = new Date();
    this.#hindsight.start();
    this.#servers.start();
    this.#lag.start();
    this.#heartbeats.start();
    this.#runner.start();
    this.#judging.start();
    const { servers } = this.#reconfiguration.config;
    this.#log.info({ pairs: this.#boards.all.size, servers: servers.length }, 'engine started');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#judging.stop();
    this.#hindsight.stop();
    this.#alertNews.tell();
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
    const changes = await this.#reconfiguration.take(config, by);
    this.#judging.soon();
    return changes;
  }

  pairs(): PairState[] {
    return [...this.#boards.all.values()].map(({ state }) => state);
  }

  pair(name: string): PairState | null {
    return this.#boards.all.get(name)?.state ?? null;
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

  tablePage(pair: string, page: PageRequest, filter?: TableFilter): Page<TableState> {
    return this.#reading.tablePage(pair, page, filter);
  }

  everyTable(page: PageRequest, filter?: Omit<TableFilter, 'search'>): Page<TableState> {
    return this.#reading.everyTable(page, filter);
  }

  tables(pair: string): TableState[] {
    return this.#reading.tables(pair);
  }

  table(pair: string, schema: string, table: string): TableState | null {
    return this.#reading.table(pair, schema, table);
  }

  activeRuns(pair?: string): Run[] {
    return this.#runner.active(pair);
  }

  schedules(): ScheduleState[] {
    return this.#runner.schedules();
  }

  health(): EngineHealth {
    const storage = this.#storage.health();
    const running = this.#startedAt !== null && this.#stopping === null;
    const ok = running && !this.#judging.late;
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

  tallies(): Tallies {
    return this.#reading.tallies();
  }

  lagHistory(pair: string, range: { from: Date; to: Date; maxPoints: number }): LagBucket[] {
    return this.#reading.lagHistory(pair, range);
  }

  events(pair: string, range: EventRange): PairEvent[] {
    return this.#storage.events(pair, range);
  }

  eventsSince(id: string, pair: string | null): PairEvent[] {
    return this.#storage.eventsSince(id, pair);
  }

  runs(filter: { pair?: string; check?: CheckKind }, page: PageRequest): Page<Run> {
    return this.#storage.runs(filter, page);
  }

  run(id: string): Run | null {
    return this.#reading.run(id);
  }

  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference> {
    return this.#reading.differences(pair, check, schema, table, page);
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

  runChanges(run: string, since: string, page: PageRequest): Page<RunChange> {
    return this.#reading.runChanges(run, since, page);
  }

  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null {
    return this.#reading.verdictSince(pair, check, schema, table);
  }

  repair(pair: string, check: CheckKind, schema: string, table: string): Promise<RepairText> {
    return this.#orders.repair(pair, check, schema, table);
  }

  alerts(filter: AlertFilter, page: PageRequest): Page<Alert> {
    return this.#reading.alerts(filter, page);
  }

  alert(id: string): Alert | null {
    return this.#reading.alert(id);
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
}

/** A pair whose lag was once known did replicate. */
function hasLagHistory(storage: MetricsStorage, pair: string): boolean {
  const ever = { from: new Date(0), to: new Date(), maxPoints: 1 };
  return ifReadable(() => storage.lagHistory(pair, ever).length > 0, false);
}
