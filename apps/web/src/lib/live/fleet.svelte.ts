import type { Client } from '@urql/core';
import { SvelteMap } from 'svelte/reactivity';
import { ask } from '#lib/api/ask.ts';
import { type Alert, alertsChanged } from '#lib/api/documents/alert.ts';
import { lagOfTheHour, type LagSample, lagSampled } from '#lib/api/documents/lag.ts';
import { fleetNow, type Pair, pairsChanged } from '#lib/api/documents/pair.ts';
import { type Replication, replicationRead } from '#lib/api/documents/replication.ts';
import { runsChanged } from '#lib/api/documents/run.ts';
import { type Server, serversChanged } from '#lib/api/documents/servers.ts';
import type { ResultOf } from '#lib/api/graphql.ts';
import { problemText } from '#lib/api/problem.ts';
import { hourMinutes } from './lag-hour.ts';
import type { Link } from './link.svelte.ts';
import { NewestAnswer } from './newest-answer.ts';
import { openAlerts } from './open-alerts.ts';
import { PairLive } from './pair-live.svelte.ts';
import { serverClock } from './server-clock.ts';
import { watch } from './watch.ts';

/** Samples of hundreds of pairs arrive far more often than an eye can follow. */
const flushMs = 250;

/** The present of every pair, server and open alert, for the whole page. Make it in a component; it ends with it. */
export class Fleet {
  readonly pairs = new SvelteMap<string, PairLive>();
  readonly servers = new SvelteMap<string, Server>();
  /** Pending and firing, silenced ones included. */
  readonly alerts = new SvelteMap<string, Alert>();
  /** False until the first answer. */
  loaded = $state(false);
  problem = $state.raw<string | undefined>();
  readonly #api: Client;
  readonly #answers = new NewestAnswer<() => void>((change) => change());
  readonly #hours = new NewestAnswer<LagSample>((sample) => {
    const live = this.pairs.get(sample.pair);
    live?.remember(sample);
    if (live) this.#showSoon(live);
  });
  readonly #unshown = new Set<PairLive>();
  readonly #lagListeners = new Map<string, Set<(sample: LagSample) => void>>();
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Client, link: Pick<Link, 'epoch'>) {
    this.#api = api;
    $effect(() => {
      if (link.epoch > 0) void this.refresh();
    });
    $effect(() => {
      const hear = (change: () => void) => this.#answers.hear(change);
      const ends = [
        watch(api, lagSampled, {}, ({ lag }) => {
          serverClock.observe(lag.at);
          this.#takeLag(lag);
        }),
        watch(api, pairsChanged, {}, ({ pairs }) => hear(() => this.#takePair(pairs))),
        watch(api, replicationRead, {}, ({ replication }) => hear(() => this.#takeReplication(replication))),
        watch(api, serversChanged, {}, ({ servers }) => hear(() => this.servers.set(servers.name, servers))),
        watch(api, alertsChanged, {}, ({ alerts }) => hear(() => this.#takeAlert(alerts))),
        watch(api, runsChanged, {}, ({ runs }) => hear(() => this.pairs.get(runs.pair)?.takeRun(runs))),
      ];
      return () => {
        for (const end of ends) end();
        this.#answers.cancel();
        this.#hours.cancel();
        clearTimeout(this.#flushTimer);
      };
    });
  }

  /** Alerts that ask for a person now. */
  get firing(): Alert[] {
    return [...this.alerts.values()].filter((alert) => alert.state === 'FIRING' && !isSilenced(alert));
  }

  async refresh(): Promise<void> {
    await this.#answers.ask(
      (wanted) => Promise.all([ask(this.#api, fleetNow, {}, wanted), openAlerts(this.#api, wanted)]),
      ([now, alerts]) => {
        this.problem = now.error && problemText(now.error);
        if (alerts) this.#takeAlerts(alerts);
        if (now.data) this.#takeAll(now.data);
        return true;
      },
    );
  }

  /** Calls `listener` with every sample of a pair as it arrives, unthinned. Returns what ends it. */
  onLag(pair: string, listener: (sample: LagSample) => void): () => void {
    const listeners = this.#lagListeners.get(pair) ?? new Set();
    listeners.add(listener);
    this.#lagListeners.set(pair, listeners);
    return () => listeners.delete(listener);
  }

  #takeAll({ pairs, servers }: ResultOf<typeof fleetNow>): void {
    keepOnly(this.pairs, new Set(pairs.map(({ name }) => name)));
    for (const pair of pairs) this.#takePair(pair).runs = pair.activeRuns;
    keepOnly(this.servers, new Set(servers.map(({ name }) => name)));
    for (const server of servers) this.servers.set(server.name, server);
    this.loaded = true;
    void this.#loadHours();
  }

  #takePair(pair: Pair): PairLive {
    const known = this.pairs.get(pair.name);
    const live = known ?? new PairLive(pair);
    if (!known) this.pairs.set(pair.name, live);
    // Its lag is left alone: samples come by themselves, and are newer.
    live.current = pair;
    if (pair.replication) live.replication = pair.replication;
    return live;
  }

  #takeReplication(replication: Replication): void {
    const live = this.pairs.get(replication.pair);
    if (live) live.replication = replication;
  }

  #takeAlerts(open: readonly Alert[]): void {
    keepOnly(this.alerts, new Set(open.map(({ id }) => id)));
    for (const alert of open) this.alerts.set(alert.id, alert);
  }

  #takeAlert(alert: Alert): void {
    if (alert.state === 'RESOLVED') this.alerts.delete(alert.id);
    else this.alerts.set(alert.id, alert);
  }

  #takeLag(sample: LagSample): void {
    const live = this.pairs.get(sample.pair);
    if (!live) return;
    live.take(sample);
    this.#hours.hear(sample);
    for (const listener of this.#lagListeners.get(sample.pair) ?? []) listener(sample);
  }

  #showSoon(live: PairLive): void {
    this.#unshown.add(live);
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      for (const each of this.#unshown) each.flush();
      this.#unshown.clear();
    }, flushMs);
  }

  async #loadHours(): Promise<void> {
    const now = serverClock.now();
    const from = new Date(now - hourMinutes * 60_000).toISOString();
    await this.#hours.ask(
      (wanted) => ask(this.#api, lagOfTheHour, { from, maxPoints: hourMinutes }, wanted),
      ({ data }) => {
        for (const { name, lagHistory } of data?.pairs ?? []) this.pairs.get(name)?.loadHour(lagHistory, now);
        return true;
      },
    );
  }
}

export function isSilenced(alert: Alert, now = serverClock.now()): boolean {
  return alert.silencedUntil !== null && Date.parse(alert.silencedUntil) > now;
}

function keepOnly(map: Map<string, unknown>, keys: ReadonlySet<string>): void {
  for (const key of map.keys()) if (!keys.has(key)) map.delete(key);
}
