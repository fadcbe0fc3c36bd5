import { isDeepStrictEqual } from 'node:util';
import type { LagConfig, PairConfig } from '../config.ts';
import { Mishaps } from '../mishaps.ts';
import type { BrokenHistory } from '../model/broken-history.ts';
import type { GroupState, KnownMember } from '../model/group.ts';
import type { LagSample } from '../model/lag.ts';
import type { PairEventKind } from '../model/pair.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import type { RepointedPair } from '../model/repointed.ts';
import type { KnownServer } from '../model/server.ts';
import type { ReplicationRoute } from '../position/replication-route.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import { areTwo } from '../server/instance.ts';
import type { Server } from '../server/server.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { Arrangement } from './arrangement.ts';
import { BrokenPairs, type OfPair } from './broken-pairs.ts';
import { GroupWatch } from './group-watch.ts';
import { knownRoute } from './known-route.ts';
import type { ReplicationMonitor, WatchedState } from './replication-monitor.ts';
import { RepointedPairs } from './repointed-pairs.ts';

export interface LagManagerOptions {
  manager: ConnectionManager;
  pairs: PairConfig[];
  config: LagConfig;
  /** Every sample of every pair, unknown ones too. */
  onLag: (sample: LagSample) => void;
  /** Every reading of a target's replication status, for every pair of it. */
  onReplication: (status: ReplicationStatus) => void;
  /** The state changed, or its evidence did (that at the rate of status readings). */
  onState: (pair: string, state: WatchedState) => void;
  /** A cluster's members changed, or, about once a second, what is measured of them. */
  onGroup?: (state: GroupState) => void;
  /** Something happened to these members, for a time line. */
  onGroupEvent?: (servers: string[], message: string, kind: PairEventKind) => void;
  /** What is to be remembered of a member over restarts; null: nothing any more. */
  onKnownMember?: (server: string, known: KnownMember | null) => void;
  /** What is to be remembered of a target's pairs over restarts: why their positions say nothing. */
  onBroken?: (target: string, broken: BrokenHistory[]) => void;
  /** The same of those that were pointed elsewhere. */
  onRepointed?: (target: string, repointed: RepointedPair[]) => void;
  /** Whether the pair replicated before this program started: then "no replication" means that it vanished. */
  replicatedBefore?: (pair: string) => boolean;
  clock?: Clock;
  mishaps?: Mishaps;
}

/** Watches replication of all pairs, and answers what is known of them. */
export class LagManager {
  readonly #options: Omit<LagManagerOptions, 'pairs' | 'config'>;
  readonly #clock: Clock;
  readonly #mishaps: Mishaps;
  #config: LagConfig;
  #groups: GroupWatch;
  #watched: Arrangement;
  readonly #broken = new BrokenPairs({
    isConfigured: (pair) => this.#configOf(pair) !== undefined,
    haveOthers: (one, other) => this.#haveOthers(one, other),
    onKept: (target, broken) => this.#options.onBroken?.(target, broken),
  });
  readonly #repointed = new RepointedPairs({
    isConfigured: (pair) => this.#configOf(pair) !== undefined,
    onKept: (target, repointed) => this.#options.onRepointed?.(target, repointed),
  });

  constructor({ pairs, config, ...options }: LagManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#mishaps = options.mishaps ?? new Mishaps();
    this.#config = config;
    this.#groups = this.#watchGroups();
    this.#watched = this.#arrangement(false);
    this.#watched.arrange(pairs);
  }

  /**
   * Watches these from now on. What is watched as before goes on with all that is known of it; with other settings
   * nothing does. Answers the pairs that go on so.
   */
  reconfigure(pairs: PairConfig[], config: LagConfig): ReadonlySet<string> {
    const before = this.#watched.monitors();
    if (!isDeepStrictEqual(config, this.#config)) {
      this.#watched.arrange([]);
      this.#config = config;
      this.#groups = this.#watchGroups();
      this.#watched = this.#arrangement(this.#watched.running);
    }
    this.#watched.arrange(pairs);
    const goesOn = ([name, monitor]: [string, ReplicationMonitor]) => this.#watched.monitor(name) === monitor;
    return new Set([...before].filter(goesOn).map(([name]) => name));
  }

  start(): void {
    this.#watched.start();
  }

  /** For somebody who waits: looks at all servers now, that were looked for before they could be reached. */
  hasten(): void {
    this.#watched.hasten();
  }

  /** No further events, at once. What is being asked of servers ends with their connections. */
  stop(): void {
    this.#watched.stop();
  }

  /** The latest sample; null before the first. */
  sample(pair: string): LagSample | null {
    return this.#pair(pair).monitor.latest;
  }

  /** The latest status; null before the first. */
  replication(pair: string): ReplicationStatus | null {
    return this.#pair(pair).status;
  }

  groups(): GroupState[] {
    return this.#groups.members.groups();
  }

  /** Why a server that joins its group is not in it yet, as far as is known with the word of all; null for others. */
  joining(server: string): string | null {
    const judged = this.#groups.members.judge(server);
    return judged?.state === 'joining' ? `${server}: ${judged.evidence}` : null;
  }

  /** From now on this group has all its members; null for one that is not known. */
  takeForWhole(group: string, by: string): GroupState | null {
    return this.#groups.members.takeForWhole(group, by);
  }

  /** What an earlier process knew of servers: of which clusters they are members, and what broke between two. */
  recall(known: ReadonlyMap<string, KnownServer>): void {
    for (const server of this.#watched.servers()) {
      const member = known.get(server.name)?.member;
      if (member) this.#groups.recall(server, member);
    }
    for (const [name, { broken }] of known) if (broken) this.#broken.recall(name, broken);
    for (const [name, { repointed = [] }] of known) this.#repointed.recall(name, repointed);
    for (const { name, target } of this.#watched.pairs) {
      const broken = this.#broken.get({ pair: name, target });
      const monitor = this.#pair(name);
      const { histories } = monitor;
      if (broken) histories.recall(broken);
      else histories.inheritAnew();
      const repointed = this.#repointed.get({ pair: name, target });
      if (repointed) monitor.recallRepointed(repointed);
    }
  }

  /** What a comparison of all tables that begins now may prove to be over; null for nothing. */
  provable(pair: string): BrokenHistory | null {
    return this.#pair(pair).histories.provable;
  }

  /** Such a comparison found all tables to match. False where something else is in doubt by now. */
  prove(pair: string, broken: BrokenHistory): boolean {
    const { histories, target } = this.#pair(pair);
    if (histories.broken !== broken) return false;
    this.#broken.prove({ pair, target }, broken);
    return histories.prove(broken);
  }

  state(pair: string): WatchedState {
    return this.#pair(pair).state;
  }

  /** Null while the replication status was not read yet, or a member not asked for its membership. */
  route(pair: string): ReplicationRoute | null {
    return knownRoute(this.#pair(pair));
  }

  /** Throws on a name that is not configured: a mistake of the caller, not of the user. */
  #pair(name: string): ReplicationMonitor {
    const monitor = this.#watched.monitor(name);
    if (!monitor) throw new Error(`no pair is named ${name}`);
    return monitor;
  }

  get #staleMs(): number {
    return Math.max(3 * this.#config.sampleIntervalMs, 1000);
  }

  #watchGroups(): GroupWatch {
    return new GroupWatch({
      servers: () => this.#watched.names,
      linked: () =>
        this.#watched.pairs
          .filter(({ name }) => this.#watched.monitor(name)?.route?.group)
          .map(({ source, target }) => [source, target]),
      replicates: (name) => this.#watched.replicates(name),
      clock: this.#clock,
      staleMs: this.#staleMs,
      onGroup: (state) => this.#options.onGroup?.(state),
      onEvent: (...event) => this.#options.onGroupEvent?.(...event),
      onKnown: (server, known) => this.#options.onKnownMember?.(server, known),
    });
  }

  #arrangement(running: boolean): Arrangement {
    const { manager, replicatedBefore, onLag, onReplication, onState } = this.#options;
    return new Arrangement(
      {
        manager,
        config: this.#config,
        staleMs: this.#staleMs,
        groups: this.#groups,
        broken: this.#broken,
        repointed: this.#repointed,
        replicatedBefore: (pair) => replicatedBefore?.(pair) ?? false,
        onLag,
        onReplication,
        onState,
        clock: this.#clock,
        mishaps: this.#mishaps,
      },
      running,
    );
  }

  #configOf({ pair, target }: OfPair): PairConfig | undefined {
    return this.#watched.pairs.find((each) => each.name === pair && each.target === target);
  }

  /** One has a server that is neither of the other's. Where one is not configured any more, nobody knows. */
  #haveOthers(one: OfPair, other: OfPair): boolean {
    const serversOf = (pair: OfPair): Server[] => {
      const config = this.#configOf(pair);
      return config ? [config.source, config.target].map((name) => this.#options.manager.get(name)) : [];
    };
    const ofOther = serversOf(other);
    return serversOf(one).some(
      (server) => ofOther.length > 0 && ofOther.every((each) => areOthers(server, each)),
    );
  }
}

function areOthers(one: Server, other: Server): boolean {
  return (
    one !== other &&
    one.facts !== null &&
    other.facts !== null &&
    areTwo(one.facts.instance, other.facts.instance)
  );
}
