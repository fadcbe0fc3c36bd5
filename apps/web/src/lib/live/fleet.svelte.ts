import type { Client } from '@urql/core';
import { SvelteMap } from 'svelte/reactivity';
import { alertPage, alertsChanged, type Alert } from '#lib/api/documents/alert.ts';
import { lagOfTheHour, lagSampled, type LagSample } from '#lib/api/documents/lag.ts';
import { fleetNow, pairsChanged, type Pair } from '#lib/api/documents/pair.ts';
import { replicationRead } from '#lib/api/documents/replication.ts';
import { runsChanged, type Run } from '#lib/api/documents/run.ts';
import { serversChanged, type Server } from '#lib/api/documents/servers.ts';
import type { ResultOf } from '#lib/api/graphql.ts';
import { problemText } from '#lib/api/problem.ts';
import { HOUR_MINUTES } from './lag-hour.ts';
import type { Link } from './link.svelte.ts';
import { PairLive } from './pair-live.svelte.ts';
import { serverClock } from './server-clock.ts';
import { watch } from './watch.ts';

/** Samples of hundreds of pairs arrive far more often than an eye can follow. */
const FLUSH_MS = 250;

const ALERTS_PER_PAGE = 100;

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
  /** What events told of while a whole answer is on its way: that answer may be older, and must not undo them. */
  readonly #told = new Set<string>();
  readonly #unshown = new Set<PairLive>();
  readonly #lagListeners = new Map<string, Set<(sample: LagSample) => void>>();
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Client, link: Link) {
    this.#api = api;
    $effect(() => {
      if (link.epoch > 0) void this.refresh();
    });
    $effect(() => {
      const ends = [
        watch(api, lagSampled, {}, ({ lag }) => {
          serverClock.observe(lag.at);
          this.#takeLag(lag);
        }),
        watch(api, pairsChanged, {}, ({ pairs }) => {
          this.#told.add(`pair ${pairs.name}`);
          this.#takePair(pairs);
        }),
        watch(api, replicationRead, {}, ({ replication }) => {
          const pair = this.pairs.get(replication.pair);
          if (pair) pair.replication = replication;
        }),
        watch(api, serversChanged, {}, ({ servers }) => {
          this.#told.add(`server ${servers.name}`);
          this.servers.set(servers.name, servers);
        }),
        watch(api, alertsChanged, {}, ({ alerts }) => {
          this.#told.add(`alert ${alerts.id}`);
          if (alerts.state === 'RESOLVED') this.alerts.delete(alerts.id);
          else this.alerts.set(alerts.id, alerts);
        }),
        watch(api, runsChanged, {}, ({ runs }) => {
          this.#told.add(`run ${runs.id}`);
          this.pairs.get(runs.pair)?.takeRun(runs);
        }),
      ];
      return () => {
        for (const end of ends) end();
        clearTimeout(this.#flushTimer);
      };
    });
  }

  /** Alerts that ask for a person now. */
  get firing(): Alert[] {
    return [...this.alerts.values()].filter((alert) => alert.state === 'FIRING' && !isSilenced(alert));
  }

  async refresh(): Promise<void> {
    this.#told.clear();
    const [now] = await Promise.all([this.#api.query(fleetNow, {}).toPromise(), this.#loadAlerts()]);
    if (now.error) this.problem = problemText(now.error);
    if (!now.data) return;
    if (!now.error) this.problem = undefined;
    const names = new Set(now.data.pairs.map((pair) => pair.name));
    for (const name of this.pairs.keys()) if (!names.has(name)) this.pairs.delete(name);
    for (const pair of now.data.pairs) {
      if (!this.#told.has(`pair ${pair.name}`) || !this.pairs.has(pair.name)) this.#takePair(pair);
      this.#takeRuns(pair.name, pair.activeRuns);
    }
    for (const server of now.data.servers) {
      if (!this.#told.has(`server ${server.name}`)) this.servers.set(server.name, server);
    }
    this.loaded = true;
    await this.#loadHours();
  }

  /** Calls `listener` with every sample of a pair as it arrives, unthinned. Returns what ends it. */
  onLag(pair: string, listener: (sample: LagSample) => void): () => void {
    const listeners = this.#lagListeners.get(pair) ?? new Set();
    listeners.add(listener);
    this.#lagListeners.set(pair, listeners);
    return () => listeners.delete(listener);
  }

  #takePair(pair: Pair): void {
    const live = this.pairs.get(pair.name);
    if (!live) {
      this.pairs.set(pair.name, new PairLive(pair));
      return;
    }
    // Its lag is left alone: samples come by themselves, and are newer.
    live.current = pair;
    if (pair.replication) live.replication = pair.replication;
  }

  #takeRuns(pair: string, active: readonly Run[]): void {
    const live = this.pairs.get(pair);
    if (!live) return;
    const isTold = (run: Run) => this.#told.has(`run ${run.id}`);
    live.runs = [...live.runs.filter(isTold), ...active.filter((run) => !isTold(run))];
  }

  #takeLag(sample: LagSample): void {
    const live = this.pairs.get(sample.pair);
    if (!live) return;
    live.take(sample);
    for (const listener of this.#lagListeners.get(sample.pair) ?? []) listener(sample);
    this.#unshown.add(live);
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      for (const each of this.#unshown) each.flush();
      this.#unshown.clear();
    }, FLUSH_MS);
  }

  async #loadAlerts(): Promise<void> {
    const open = new Map<string, Alert>();
    let after: string | null = null;
    do {
      const page = await this.#alertPage(after);
      if (!page) return;
      for (const alert of page.nodes) open.set(alert.id, alert);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    const isTold = (id: string) => this.#told.has(`alert ${id}`);
    for (const id of this.alerts.keys()) if (!open.has(id) && !isTold(id)) this.alerts.delete(id);
    for (const [id, alert] of open) if (!isTold(id)) this.alerts.set(id, alert);
  }

  async #alertPage(after: string | null): Promise<ResultOf<typeof alertPage>['alerts'] | undefined> {
    const variables = { states: ['PENDING' as const, 'FIRING' as const], first: ALERTS_PER_PAGE, after };
    return (await this.#api.query(alertPage, variables).toPromise()).data?.alerts;
  }

  async #loadHours(): Promise<void> {
    const now = serverClock.now();
    const from = new Date(now - HOUR_MINUTES * 60_000).toISOString();
    const { data } = await this.#api.query(lagOfTheHour, { from, maxPoints: HOUR_MINUTES }).toPromise();
    for (const { name, lagHistory } of data?.pairs ?? []) this.pairs.get(name)?.loadHour(lagHistory, now);
  }
}

export function isSilenced(alert: Alert, now = serverClock.now()): boolean {
  return alert.silencedUntil !== null && Date.parse(alert.silencedUntil) > now;
}
