import type { Client } from '@urql/core';
import { ask } from '#lib/api/ask.ts';
import { type Alert, alertsChanged } from '#lib/api/documents/alert.ts';
import { configurationTakenUp } from '#lib/api/documents/configuration.ts';
import { type Group, groupsChanged } from '#lib/api/documents/group.ts';
import { lagOfTheHour, type LagSample, lagsSampled } from '#lib/api/documents/lag.ts';
import { fleetNow, type Pair, pairsChanged } from '#lib/api/documents/pair.ts';
import { type Replication, replicationRead } from '#lib/api/documents/replication.ts';
import { runsChanged } from '#lib/api/documents/run.ts';
import { type Server, serversChanged } from '#lib/api/documents/servers.ts';
import type { ResultOf } from '#lib/api/graphql.ts';
import { problemText } from '#lib/api/problem.ts';
import { toasts } from '#lib/state/toasts.svelte.ts';
import { Batch } from './batch.ts';
import { pairsCameOrWent } from './configuration-news.ts';
import { hourMinutes } from './lag-hour.ts';
import type { Link } from './link.svelte.ts';
import { NewestAnswer } from './newest-answer.ts';
import { openAlerts } from './open-alerts.ts';
import { PairLive } from './pair-live.svelte.ts';
import { serverClock } from './server-clock.ts';
import { watch } from './watch.ts';

/** News of hundreds of pairs arrive far more often than an eye can follow. */
const newsMs = 250;
/** A number that changes faster cannot be read. */
const numbersMs = 500;

/** The present of every pair, server and open alert, for the whole page. Make it in a component; it ends with it. */
export class Fleet {
  pairs = $state.raw<ReadonlyMap<string, PairLive>>(new Map());
  servers = $state.raw<ReadonlyMap<string, Server>>(new Map());
  /** Clusters that watched servers are members of. */
  groups = $state.raw<ReadonlyMap<string, Group>>(new Map());
  /** Pending and firing, silenced ones included. */
  alerts = $state.raw<ReadonlyMap<string, Alert>>(new Map());
  /** How many of these are known: many are read page by page. */
  alertsRead = $state<'none' | 'part' | 'all' | 'failed'>('none');
  /** The page was hidden and asked for nothing: what it shows is as of then, until the answer is here. */
  behind = $state(false);
  problem = $state.raw<string | undefined>();
  #pairsRead = $state(false);
  readonly #api: Client;
  readonly #news = new Batch(newsMs);
  readonly #numbers = new Batch(numbersMs);
  readonly #answers = new NewestAnswer<() => void>((change) => this.#news.add(change));
  readonly #alertAnswers = new NewestAnswer<Alert>((alert) => this.#takeAlert(alert));
  readonly #hours = new NewestAnswer<LagSample>((sample) => {
    const live = this.pairs.get(sample.pair);
    live?.remember(sample);
    if (live) this.#showSoon(live);
  });
  readonly #unshown = new Set<PairLive>();
  readonly #newAlerts = new Map<string, Alert>();
  readonly #newServers = new Map<string, Server>();
  readonly #lagListeners = new Map<string, Set<(sample: LagSample) => void>>();

  constructor(api: Client, link: Pick<Link, 'epoch' | 'away'>) {
    this.#api = api;
    $effect(() => {
      if (link.epoch > 0) void this.refresh();
    });
    // The sign on the tab of a hidden page counts what fires.
    $effect(() => watch(api, alertsChanged, {}, ({ alerts }) => this.#alertAnswers.hear(alerts)));
    $effect(() => {
      if (link.away) {
        this.behind = true;
        return;
      }
      const hear = (change: () => void) => this.#answers.hear(change);
      const ends = [
        // Pairs and servers may have come or gone, and whatever is shown may be set otherwise.
        watch(api, configurationTakenUp, {}, () => {
          link.epoch += 1;
        }),
        watch(api, lagsSampled, {}, ({ lags }) => {
          for (const sample of lags) this.#takeLag(sample);
          const newest = lags.at(-1);
          if (newest) serverClock.observe(newest.at);
        }),
        watch(api, pairsChanged, {}, ({ pairs }) => hear(() => this.#takePair(pairs))),
        watch(api, replicationRead, {}, ({ replication }) => hear(() => this.#takeReplication(replication))),
        watch(api, serversChanged, {}, ({ servers }) => hear(() => this.#takeServer(servers))),
        watch(api, groupsChanged, {}, ({ groups }) => hear(() => this.#takeGroup(groups))),
        watch(api, runsChanged, {}, ({ runs }) => hear(() => this.pairs.get(runs.pair)?.takeRun(runs))),
      ];
      return () => {
        for (const end of ends) end();
      };
    });
    $effect(() => () => {
      for (const each of [this.#answers, this.#alertAnswers, this.#hours, this.#news, this.#numbers]) {
        each.cancel();
      }
    });
  }

  /** False until the first answers. */
  get loaded(): boolean {
    return this.#pairsRead && this.alertsRead !== 'none';
  }

  /** Alerts that ask for a person now. */
  readonly firing: readonly Alert[] = $derived(
    [...this.alerts.values()].filter((alert) => alert.state === 'FIRING' && !isSilenced(alert)),
  );

  async refresh(): Promise<void> {
    await Promise.all([this.#refreshPairs(), this.#refreshAlerts()]);
  }

  /** Calls `listener` with every sample of a pair as it arrives, unthinned. Returns what ends it. */
  onLag(pair: string, listener: (sample: LagSample) => void): () => void {
    const listeners = this.#lagListeners.get(pair) ?? new Set();
    listeners.add(listener);
    this.#lagListeners.set(pair, listeners);
    return () => listeners.delete(listener);
  }

  async #refreshPairs(): Promise<void> {
    await this.#answers.ask(
      (wanted) => ask(this.#api, fleetNow, {}, wanted),
      ({ data, error }) => {
        this.problem = error && problemText(error);
        // What is gathered was heard before this answer was made, or is heard again on top of it.
        this.#news.flush();
        if (data) this.#takeAll(data);
        return true;
      },
    );
    this.#news.flush();
  }

  async #refreshAlerts(): Promise<void> {
    await this.#alertAnswers.ask(
      (wanted) =>
        openAlerts(this.#api, wanted, (part) => {
          if (this.alertsRead === 'all') return;
          this.alertsRead = 'part';
          this.#takeAlerts(part);
        }),
      (alerts) => {
        if (alerts) {
          this.alertsRead = 'all';
          this.#takeAlerts(alerts);
        } else if (this.alertsRead !== 'all') {
          this.alertsRead = 'failed';
        }
        return true;
      },
    );
    this.#news.flush();
  }

  #takeAll({ pairs, servers, groups }: ResultOf<typeof fleetNow>): void {
    const before = this.pairs;
    this.pairs = new Map(pairs.map((pair) => [pair.name, before.get(pair.name) ?? new PairLive(pair)]));
    for (const pair of pairs) {
      this.#takePair(pair);
      this.pairs.get(pair.name)!.runs = pair.activeRuns;
    }
    if (this.#pairsRead) this.#sayWhatChanged(before);
    this.servers = new Map(servers.map((server) => [server.name, server]));
    this.groups = new Map(groups.map((group) => [group.id, group]));
    this.#pairsRead = true;
    this.behind = false;
    void this.#loadHours();
  }

  /** By what is seen, not by what is told: a change falls into a lost connection as well. */
  #sayWhatChanged(before: ReadonlyMap<string, PairLive>): void {
    const without = (names: Iterable<string>, others: ReadonlyMap<string, PairLive>) =>
      [...names].filter((name) => !others.has(name));
    const news = pairsCameOrWent({
      added: without(this.pairs.keys(), before),
      removed: without(before.keys(), this.pairs),
    });
    if (news !== null) toasts.say(news);
  }

  /** Pairs and servers come and go with an answer alone: news may be late, and of one that is gone. */
  #takePair(pair: Pair): void {
    const live = this.pairs.get(pair.name);
    if (!live) return;
    // Its lag is left alone: samples come by themselves, and are newer.
    live.current = pair;
    if (pair.replication) live.takeReplication(pair.replication);
  }

  #takeReplication(replication: Replication): void {
    this.pairs.get(replication.pair)?.takeReplication(replication);
  }

  /** A server is in one group: that which it was in by another name, or before two were known for one, is no more. */
  #takeGroup(group: Group): void {
    const shares = ({ members }: Group) =>
      members.some(({ server }) => group.members.some((member) => member.server.name === server.name));
    const others = [...this.groups].filter(([id, other]) => id !== group.id && !shares(other));
    this.groups = new Map([...others, [group.id, group]]);
  }

  #takeServer(server: Server): void {
    if (this.#newServers.size === 0) {
      this.#news.add(() => {
        this.servers = new Map(
          [...this.servers].map(([name, old]) => [name, this.#newServers.get(name) ?? old]),
        );
        this.#newServers.clear();
      });
    }
    this.#newServers.set(server.name, server);
  }

  #takeAlerts(open: readonly Alert[]): void {
    this.#newAlerts.clear();
    this.alerts = new Map(open.map((alert) => [alert.id, alert]));
  }

  #takeAlert(alert: Alert): void {
    if (this.#newAlerts.size === 0) this.#news.add(() => this.#showAlerts());
    this.#newAlerts.set(alert.id, alert);
  }

  #showAlerts(): void {
    if (this.#newAlerts.size === 0) return;
    const alerts = new Map(this.alerts);
    for (const [id, alert] of this.#newAlerts) {
      if (alert.state === 'RESOLVED') alerts.delete(id);
      else alerts.set(id, alert);
    }
    this.#newAlerts.clear();
    this.alerts = alerts;
  }

  #takeLag(sample: LagSample): void {
    const live = this.pairs.get(sample.pair);
    if (!live) return;
    live.take(sample);
    this.#hours.hear(sample);
    for (const listener of this.#lagListeners.get(sample.pair) ?? []) listener(sample);
  }

  #showSoon(live: PairLive): void {
    if (this.#unshown.size === 0) {
      this.#numbers.add(() => {
        for (const each of this.#unshown) each.flush();
        this.#unshown.clear();
      });
    }
    this.#unshown.add(live);
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
