import type { AlertManager } from '../alerts/alert-manager.ts';
import type { Snapshot } from '../alerts/condition/snapshot.ts';
import { judging } from '../alerts/judge.ts';
import type { EngineConfig } from '../config.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import type { Mishaps } from '../mishaps.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { systemClock } from '../time/clock.ts';
import { inSlices } from '../time/slices.ts';
import { UnseenTime } from '../time/unseen-time.ts';
import type { PairBoard } from './pair-board.ts';

export interface JudgingRoundsOptions {
  /** As it is now. */
  config: () => EngineConfig;
  pairs: ReadonlyMap<string, PairBoard>;
  servers: ConnectionManager;
  lag: LagManager;
  storage: MetricsStorage;
  alerts: AlertManager;
  mishaps: Mishaps;
}

const everyMs = 1000;
const soonMs = 50;

/** What is so now, put before the rules of the alerts once a second, and soon after news. */
export class JudgingRounds {
  readonly #options: JudgingRoundsOptions;
  readonly #unseen = new UnseenTime(systemClock);
  readonly #ended = new AbortController();
  #every: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #judgedAt = 0;
  /** A round is under way, … */
  #judgingNow = false;
  /** … and there was news meanwhile. */
  #again = false;

  constructor(options: JudgingRoundsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#every = setInterval(() => this.#judge(), everyMs);
  }

  stop(): void {
    clearInterval(this.#every);
    clearTimeout(this.#soon);
    this.#ended.abort();
  }

  /** One fault changes many things at once, the states of all pairs of a server for one: they are judged together. */
  soon(): void {
    this.#soon ??= setTimeout(() => this.#judge(), soonMs);
  }

  /** There were rounds, and the last is too long ago. */
  get late(): boolean {
    return this.#judgedAt > 0 && performance.now() - this.#judgedAt > everyMs * 10;
  }

  #judge(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (this.#ended.signal.aborted) return;
    if (this.#judgingNow) {
      this.#again = true;
      return;
    }
    this.#judgingNow = true;
    this.#again = false;
    inSlices(this.#round(), this.#ended.signal, (error) => {
      this.#judgingNow = false;
      if (error !== null) this.#options.mishaps.happened('judging', error);
      if (this.#again) this.soon();
    });
  }

  *#round(): Generator<void, void, undefined> {
    const { config, pairs, servers, lag, storage, alerts, mishaps } = this.#options;
    this.#unseen.notice();
    const snapshot: Snapshot = {
      at: new Date(),
      pairs: [...pairs.values()].map(({ snapshot }) => snapshot),
      servers: servers.states(),
      groups: lag.groups(),
      storage: storage.health(),
      mishaps: mishaps.recent(),
      unverifiedForMs: config().alerts.unverifiedForMs,
      unseenSince: (date) => this.#unseen.since(date),
    };
    const exists = {
      pairs: new Set(pairs.keys()),
      servers: new Set(snapshot.servers.map(({ name }) => name)),
    };
    for (const _ of alerts.observing(judging(snapshot, alerts, mishaps), exists)) {
      this.#judgedAt = performance.now();
      yield;
    }
  }
}
