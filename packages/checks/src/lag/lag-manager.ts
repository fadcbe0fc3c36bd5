import type { LagConfig, PairConfig } from '../config.ts';
import { Mishaps } from '../mishaps.ts';
import type { GroupState, KnownMember } from '../model/group.ts';
import type { LagSample } from '../model/lag.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import type { KnownServer } from '../model/server.ts';
import { leftOutBy } from '../position/left-out.ts';
import type { SourceOfPair } from '../position/own-channel.ts';
import type { ReplicationRoute } from '../position/replication-route.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { Server } from '../server/server.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { GroupWatch } from './group-watch.ts';
import { PositionSampler } from './position-sampler.ts';
import { partByRoute } from './replica-lag-monitor.ts';
import { ReplicationMonitor, type WatchedState } from './replication-monitor.ts';
import { ReplicationStatusReader } from './replication-status-reader.ts';
import { SourceWatermarks } from './source-watermarks.ts';

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
  onGroupEvent?: (servers: string[], message: string) => void;
  /** What is to be remembered of a member over restarts; null: nothing any more. */
  onKnownMember?: (server: string, known: KnownMember | null) => void;
  /** Whether the pair replicated before this program started: then "no replication" means that it vanished. */
  replicatedBefore?: (pair: string) => boolean;
  clock?: Clock;
  mishaps?: Mishaps;
}

/** Watches replication of all pairs: one sampler per server, one status reader per target, shared by pairs. */
export class LagManager {
  readonly #pairs = new Map<string, ReplicationMonitor>();
  readonly #samplers = new Map<string, PositionSampler>();
  readonly #groups: GroupWatch;
  readonly #manager: ConnectionManager;
  readonly #readers = new Map<string, ReplicationStatusReader>();

  constructor(options: LagManagerOptions) {
    const { manager, pairs, config, clock = systemClock, mishaps = new Mishaps() } = options;
    this.#manager = manager;
    const names = [...new Set(pairs.flatMap(({ source, target }) => [source, target]))];
    names.forEach((name, index) => {
      const sampler = new PositionSampler({
        server: manager.get(name),
        intervalMs: config.sampleIntervalMs,
        phaseMs: (config.sampleIntervalMs * index) / names.length,
        timeoutMs: config.timeoutMs,
        clock,
        mishaps,
      });
      this.#samplers.set(name, sampler);
    });
    const staleMs = Math.max(3 * config.sampleIntervalMs, 1000);
    this.#groups = new GroupWatch({
      servers: names,
      linked: () =>
        pairs
          .filter(({ name }) => this.#pairs.get(name)?.route?.group)
          .map(({ source, target }) => [source, target]),
      clock,
      staleMs,
      onGroup: (state) => options.onGroup?.(state),
      onEvent: (servers, message) => options.onGroupEvent?.(servers, message),
      onKnown: (server, known) => options.onKnownMember?.(server, known),
    });
    for (const name of names) this.#groups.watch(manager.get(name), this.#sampler(name));
    const watermarks = new Map<string, SourceWatermarks>();
    for (const { source } of pairs) {
      if (!watermarks.has(source)) watermarks.set(source, this.#watchSource(options, source));
    }
    for (const pair of pairs) {
      const watch = new ReplicationMonitor({
        pair,
        source: manager.get(pair.source),
        target: manager.get(pair.target),
        sourceSampler: this.#sampler(pair.source),
        targetSampler: this.#sampler(pair.target),
        watermarks: watermarks.get(pair.source) as SourceWatermarks,
        staleMs,
        groups: this.#groups,
        replicatedBefore: options.replicatedBefore?.(pair.name) ?? false,
        others: () =>
          names
            .filter((name) => name !== pair.source)
            .map((name) => ({ ...placeOf(manager.get(name)), group: groupOf(this.#sampler(name)) })),
        clock,
        mishaps,
        onLag: options.onLag,
        onReplication: options.onReplication,
        onState: (state) => options.onState(pair.name, state),
      });
      this.#pairs.set(pair.name, watch);
    }
    const targets = [...new Set(pairs.map(({ target }) => target))];
    targets.forEach((name, index) => this.#readStatusOf(options, name, index / targets.length));
  }

  start(): void {
    for (const sampler of this.#samplers.values()) sampler.start();
    for (const reader of this.#readers.values()) reader.start();
  }

  /** No further events, at once. What is being asked of servers ends with their connections. */
  stop(): void {
    for (const sampler of this.#samplers.values()) sampler.stop();
    for (const reader of this.#readers.values()) reader.stop();
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

  /** From now on this group has all its members; null for one that is not known. */
  takeForWhole(group: string, by: string): GroupState | null {
    return this.#groups.members.takeForWhole(group, by);
  }

  /** What an earlier process knew of servers that are members of clusters. */
  recall(known: ReadonlyMap<string, KnownServer>): void {
    for (const name of this.#samplers.keys()) {
      const member = known.get(name)?.member;
      if (member) this.#groups.recall(this.#manager.get(name), member);
    }
  }

  state(pair: string): WatchedState {
    return this.#pair(pair).state;
  }

  /** Null while the replication status was not read yet, or a member not asked for its membership. */
  route(pair: string): ReplicationRoute | null {
    const { route, stopped, targetFolds, status } = this.#pair(pair);
    if (!route || route.method.pending) return null;
    const { method, channel, blind = false, group = false, throughCluster = false } = route;
    const isReplica = blind || throughCluster || channel !== null || (status?.channels ?? []).length > 0;
    return {
      kind: method.kind,
      channel: channel?.name ?? '',
      evidence: method.evidence,
      group,
      throughCluster,
      unproved: (isReplica || group) && method.kind === null ? method.evidence : null,
      intendedDelayMs: channel?.intendedDelayMs ?? 0,
      serverLagMs: channel?.serverLagMs ?? null,
      leavesOut: (table) => {
        const filter = channel && leftOutBy(channel, table, targetFolds);
        return filter && `${filter.name}=${filter.value}`;
      },
      stopped,
      sameStorage: status?.sameStorage ?? null,
      replicated: (position) => partByRoute(position, route),
    };
  }

  /** Throws on a name that is not configured: a mistake of the caller, not of the user. */
  #pair(name: string): ReplicationMonitor {
    const watch = this.#pairs.get(name);
    if (!watch) throw new Error(`no pair is named ${name}`);
    return watch;
  }

  #sampler(name: string): PositionSampler {
    return this.#samplers.get(name) as PositionSampler;
  }

  #watchSource({ manager, pairs, clock }: LagManagerOptions, name: string): SourceWatermarks {
    const server = manager.get(name);
    const watermarks = new SourceWatermarks(clock);
    let identity: string | null = null;
    this.#sampler(name).listen({
      sample: (sample) => {
        const now = server.facts?.identity ?? null;
        if (identity !== null && now !== identity) {
          watermarks.reset();
          for (const pair of pairs) if (pair.source === name) this.#pair(pair.name).reset();
        }
        identity = now;
        if (watermarks.record(sample)) return;
        for (const pair of pairs) if (pair.source === name) this.#pair(pair.name).sourceWentBack();
      },
      fault: () => {},
    });
    return watermarks;
  }

  #readStatusOf(
    { manager, pairs, config, clock = systemClock, mishaps = new Mishaps() }: LagManagerOptions,
    name: string,
    phase: number,
  ): void {
    const ofTarget = pairs.filter(({ target }) => target === name);
    const watches = ofTarget.map((pair) => this.#pair(pair.name));
    const reader = new ReplicationStatusReader({
      server: manager.get(name),
      intervalMs: config.statusIntervalMs,
      phaseMs: config.statusIntervalMs * phase,
      hidesValues: ofTarget.some(({ tables }) =>
        tables.overrides.some(({ maskColumns }) => maskColumns.length > 0),
      ),
      clock,
      mishaps,
      onReading: (reading) => watches.forEach((watch) => watch.read(reading)),
    });
    this.#readers.set(name, reader);
    // A pair whose servers answer again must not be called unknown until the next reading happens to be due.
    const servers = new Set([name, ...watches.map(({ source }) => source)]);
    for (const server of servers) {
      let answered = false;
      this.#sampler(server).listen({
        sample: () => {
          if (!answered) reader.hasten();
          answered = true;
        },
        fault: () => (answered = false),
      });
    }
  }
}

function groupOf({ latest }: PositionSampler): string | undefined {
  return latest?.membership?.kind === 'group-replication' ? latest.membership.group : undefined;
}

function placeOf(server: Server): SourceOfPair {
  const { host, port } = server.state;
  return { facts: server.facts, host, port };
}
