import { setTimeout as delay } from 'node:timers/promises';
import type { AlertManager } from '../alerts/alert-manager.ts';
import type { SilenceBook } from '../alerts/silences/silence-book.ts';
import type { EngineConfig } from '../config.ts';
import type { HeartbeatManager } from '../heartbeat/heartbeat-manager.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import { EngineRequestError } from '../request-error.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { CheckRunner } from './check-runner.ts';
import type { Chronicle } from './chronicle.ts';
import { type Changes, compare } from './compare.ts';
import type { PairBoards } from './pair-boards.ts';
import type { ServerNews } from './server-news.ts';

export interface ReconfigurationOptions {
  boards: PairBoards;
  servers: ConnectionManager;
  serverNews: ServerNews;
  lag: LagManager;
  heartbeats: HeartbeatManager;
  alerts: AlertManager;
  silences: SilenceBook;
  runner: CheckRunner;
  chronicle: Chronicle;
  isStopping: () => boolean;
}

/** A run that takes longer to be cut off ends by itself. */
const runsEndWithinMs = 3_000;

/** The configuration that holds, and how another takes its place while everything runs. */
export class Reconfiguration {
  readonly #options: ReconfigurationOptions;
  #config: EngineConfig;

  constructor(config: EngineConfig, options: ReconfigurationOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** As it is now. */
  get config(): EngineConfig {
    return this.#config;
  }

  /** See `MonitoringEngine.reconfigure()`. */
  async take(config: EngineConfig, by: string): Promise<Changes> {
    const { boards, servers, serverNews, lag, heartbeats, alerts, silences, runner, chronicle, isStopping } =
      this.#options;
    const changes = compare(this.#config, config);
    const { added, removed, changed } = changes.pairs;
    const leaving = [...removed, ...changed].map((name) => boards.get(name));
    const left = leaving.map((board) => {
      const begunAnew = changed.includes(board.config.name);
      return runner.leave(board, { begunAnew, why: `${begunAnew ? 'changes' : 'removes'} the pair` });
    });
    await Promise.race([Promise.all(left), delay(runsEndWithinMs, undefined, { ref: false })]);
    if (isStopping()) throw new EngineRequestError('CONFLICT', 'Lockstep is stopping');

    for (const board of leaving) chronicle.forget(board);
    this.#config = { ...config, storage: this.#config.storage };
    serverNews.forget([...changes.servers.removed, ...changes.servers.changed]);
    const { pairs } = config;
    const begun = boards.arrange(pairs, new Set([...added, ...changed]));
    const before = new Map(leaving.map((board) => [board.config.name, board]));
    const known = serverNews.known();
    alerts.reconfigure(config.alerts);
    silences.reconfigure(pairs, config.maintenance ?? []);
    servers.reconfigure(config.servers, config.connection, known);
    const goOn = lag.reconfigure(pairs, config.lag);
    lag.recall(known);
    heartbeats.reconfigure(pairs, config.lag.timeoutMs);
    for (const board of begun) {
      const { name } = board.config;
      const known = goOn.has(name) && before.get(name);
      if (known) board.goOnFrom(known);
      serverNews.tellSides(board);
      runner.begin(board, before.get(name));
      const what = changed.includes(name) ? 'changed' : 'added to the configuration';
      chronicle.happened(name, 'operator', `${what} by ${by}`);
      chronicle.pair(board);
    }
    return changes;
  }
}
