import { isDeepStrictEqual } from 'node:util';
import type { LagConfig, PairConfig } from '../config.ts';
import { Mishaps } from '../mishaps.ts';
import type { BrokenHistory } from '../model/broken-history.ts';
import type { GroupState, KnownMember } from '../model/group.ts';
import type { LagSample } from '../model/lag.ts';
import type { PairEventKind } from '../model/pair.ts';
import type { ChannelStatus, ReplicationStatus } from '../model/replication.ts';
import type { RepointedPair } from '../model/repointed.ts';
import type { KnownServer } from '../model/server.ts';
import type { SourceOfPair } from '../position/own-channel.ts';
import type { ReplicationRoute } from '../position/replication-route.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import { areTwo } from '../server/instance.ts';
import type { Server } from '../server/server.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { BrokenPairs, type OfPair } from './broken-pairs.ts';
import { ClosedBinlog } from './closed-binlog.ts';
import { GroupWatch } from './group-watch.ts';
import { hastenWhenAnswering } from './hasten-when-answering.ts';
import { knownRoute } from './known-route.ts';
import { PositionSampler } from './position-sampler.ts';
import { ReplicationMonitor, type WatchedState } from './replication-monitor.ts';
import { ReplicationStatusReader } from './replication-status-reader.ts';
import { SourceWatermarks } from './source-watermarks.ts';
import { watchSource } from './watch-source.ts';

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

interface Sampled {
  server: Server;
  sampler: PositionSampler;
  /** Of the server, as configured. */
  address: { host: string; port: number };
}

interface Source {
  sampler: PositionSampler;
  watermarks: SourceWatermarks;
  binlog: ClosedBinlog;
  end: () => void;
}

interface Watched {
  config: PairConfig;
  source: PositionSampler;
  target: PositionSampler;
  monitor: ReplicationMonitor;
}

interface Read {
  server: Server;
  /** Of all pairs of the target. */
  monitors: ReplicationMonitor[];
  hidesValues: boolean;
  reader: ReplicationStatusReader;
  end: () => void;
}

/** Watches replication of all pairs: one sampler per server, one status reader per target, shared by pairs. */
export class LagManager {
  readonly #options: Omit<LagManagerOptions, 'pairs' | 'config'>;
  readonly #clock: Clock;
  readonly #mishaps: Mishaps;
  #config: LagConfig;
  #configured: PairConfig[] = [];
  /** Of the servers, in the order of the pairs. */
  #names: string[] = [];
  #groups: GroupWatch;
  readonly #samplers = new Map<string, Sampled>();
  readonly #sources = new Map<string, Source>();
  readonly #pairs = new Map<string, Watched>();
  readonly #readers = new Map<string, Read>();
  readonly #broken = new BrokenPairs({
    isConfigured: ({ pair, target }) =>
      this.#configured.some((each) => each.name === pair && each.target === target),
    haveOthers: (one, other) => this.#haveOthers(one, other),
    onKept: (target, broken) => this.#options.onBroken?.(target, broken),
  });
  /** By the pair's name, of those that are known to be. */
  readonly #repointed = new Map<string, RepointedPair>();
  #running = false;

  constructor({ pairs, config, ...options }: LagManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#mishaps = options.mishaps ?? new Mishaps();
    this.#config = config;
    this.#groups = this.#watchGroups();
    this.#arrange(pairs);
  }

  /**
   * Watches these from now on. What is watched as before goes on with all that is known of it; a server of the
   * manager's that is another object counts as another server. Answers the pairs that go on so.
   */
  reconfigure(pairs: PairConfig[], config: LagConfig): ReadonlySet<string> {
    const before = new Map(this.#pairs);
    if (!isDeepStrictEqual(config, this.#config)) {
      this.#arrange([]);
      this.#config = config;
      this.#groups = this.#watchGroups();
    }
    this.#arrange(pairs);
    return new Set([...before.keys()].filter((name) => this.#pairs.get(name) === before.get(name)));
  }

  start(): void {
    this.#running = true;
    for (const { sampler } of this.#samplers.values()) sampler.start();
    for (const { reader } of this.#readers.values()) reader.start();
  }

  /** For somebody who waits: looks at all servers now, that were looked for before they could be reached. */
  hasten(): void {
    for (const { sampler } of this.#samplers.values()) sampler.hasten();
  }

  /** No further events, at once. What is being asked of servers ends with their connections. */
  stop(): void {
    this.#running = false;
    for (const { sampler } of this.#samplers.values()) sampler.stop();
    for (const { reader } of this.#readers.values()) reader.stop();
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
    for (const [name, { server }] of this.#samplers) {
      const member = known.get(name)?.member;
      if (member) this.#groups.recall(server, member);
    }
    for (const [name, { broken }] of known) if (broken) this.#broken.recall(name, broken);
    const repointed = new Map([...known].map(([name, { repointed = [] }]) => [name, repointed]));
    for (const { name, target } of this.#configured) {
      const broken = this.#broken.get({ pair: name, target });
      const { histories } = this.#pair(name);
      if (broken) histories.recall(broken);
      else histories.inheritAnew();
      const moved = repointed.get(target)?.find(({ pair }) => pair === name);
      if (moved && !this.#repointed.has(name)) this.#recallRepointed(moved);
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
    const watched = this.#pairs.get(name);
    if (!watched) throw new Error(`no pair is named ${name}`);
    return watched.monitor;
  }

  #sampler(name: string): PositionSampler {
    return (this.#samplers.get(name) as Sampled).sampler;
  }

  /** One by one: who asks for them seldom needs them all, and every pair asks at every reading. */
  *#othersThan(source: string): Generator<SourceOfPair> {
    for (const name of this.#names) {
      if (name === source) continue;
      const { server, sampler, address } = this.#samplers.get(name) as Sampled;
      yield { facts: server.facts, host: address.host, port: address.port, group: groupOf(sampler) };
    }
  }

  /** Null while that cannot be read, or was not. Of who is no target it is never read. */
  #replicates(name: string): boolean | null {
    if (!this.#readers.has(name)) return false;
    const channels = this.#channelsOf(name);
    return channels ? channels.length > 0 : null;
  }

  #channelsOf(name: string): readonly ChannelStatus[] | null {
    return this.#readers.get(name)?.monitors[0]?.status?.channels ?? null;
  }

  get #staleMs(): number {
    return Math.max(3 * this.#config.sampleIntervalMs, 1000);
  }

  #watchGroups(): GroupWatch {
    return new GroupWatch({
      servers: () => this.#names,
      linked: () =>
        this.#configured
          .filter(({ name }) => this.#pairs.get(name)?.monitor.route?.group)
          .map(({ source, target }) => [source, target]),
      replicates: (name) => this.#replicates(name),
      clock: this.#clock,
      staleMs: this.#staleMs,
      onGroup: (state) => this.#options.onGroup?.(state),
      onEvent: (...event) => this.#options.onGroupEvent?.(...event),
      onKnown: (server, known) => this.#options.onKnownMember?.(server, known),
    });
  }

  /** Ends what is not wanted any more, then begins what is new: each rests on what was arranged before it. */
  #arrange(pairs: PairConfig[]): void {
    this.#configured = pairs;
    this.#names = [...new Set(pairs.flatMap(({ source, target }) => [source, target]))];
    this.#endSamplers();
    this.#endPairs();
    this.#endSources();
    this.#names.forEach((name, index) => this.#sample(name, index / this.#names.length));
    for (const { source } of pairs) this.#watchSource(source);
    for (const pair of pairs) this.#watch(pair);
    const targets = [...new Set(pairs.map(({ target }) => target))];
    for (const [name, read] of this.#readers) {
      if (!targets.includes(name)) this.#endReader(name, read);
    }
    targets.forEach((name, index) => this.#readStatusOf(name, index / targets.length));
  }

  #endSamplers(): void {
    const wanted = new Set(this.#names);
    for (const [name, { server, sampler }] of this.#samplers) {
      if (wanted.has(name) && this.#options.manager.get(name) === server) continue;
      sampler.stop();
      this.#samplers.delete(name);
      this.#groups.forget(name);
    }
  }

  #endPairs(): void {
    const wanted = new Map(this.#configured.map((pair) => [pair.name, pair]));
    for (const [name, { config, source, target, monitor }] of this.#pairs) {
      const now = wanted.get(name);
      const same =
        now &&
        isDeepStrictEqual(ofReplication(now), ofReplication(config)) &&
        this.#samplers.get(now.source)?.sampler === source &&
        this.#samplers.get(now.target)?.sampler === target;
      if (same) continue;
      monitor.stop();
      this.#pairs.delete(name);
    }
  }

  #endSources(): void {
    const wanted = new Set(this.#configured.map(({ source }) => source));
    for (const [name, { sampler, end }] of this.#sources) {
      if (wanted.has(name) && this.#samplers.get(name)?.sampler === sampler) continue;
      end();
      this.#sources.delete(name);
    }
  }

  #endReader(name: string, { reader, end }: Read): void {
    reader.stop();
    end();
    this.#readers.delete(name);
  }

  #sample(name: string, phase: number): void {
    if (this.#samplers.has(name)) return;
    const { sampleIntervalMs: intervalMs, timeoutMs } = this.#config;
    const server = this.#options.manager.get(name);
    const sampler = new PositionSampler({
      server,
      intervalMs,
      phaseMs: intervalMs * phase,
      timeoutMs,
      clock: this.#clock,
      mishaps: this.#mishaps,
    });
    const { host, port } = server.state;
    this.#samplers.set(name, { server, sampler, address: { host, port } });
    this.#groups.watch(server, sampler);
    if (this.#running) sampler.start();
  }

  #watchSource(name: string): void {
    if (this.#sources.has(name)) return;
    const { server, sampler } = this.#samplers.get(name) as Sampled;
    const watermarks = new SourceWatermarks(this.#clock);
    const ofSource = () => [...this.#pairs.values()].filter(({ config }) => config.source === name);
    const monitors = () => ofSource().map(({ monitor }) => monitor);
    const binlog = new ClosedBinlog({ server, timeoutMs: this.#config.timeoutMs, clock: this.#clock });
    const ends = [
      watchSource({ server, sampler, watermarks, monitors }),
      sampler.listen({
        sample: (sample) => binlog.notice(sample, sampler.binlogFor.size > 0),
        fault: () => {},
      }),
    ];
    const end = () => ends.forEach((end) => end());
    this.#sources.set(name, { sampler, watermarks, binlog, end });
  }

  #watch(pair: PairConfig): void {
    if (this.#pairs.has(pair.name)) return;
    const { manager, replicatedBefore, onLag, onReplication, onState } = this.#options;
    const of = { pair: pair.name, target: pair.target };
    const [source, target] = [this.#sampler(pair.source), this.#sampler(pair.target)];
    const { watermarks, binlog } = this.#sources.get(pair.source) as Source;
    const monitor = new ReplicationMonitor({
      pair,
      source: manager.get(pair.source),
      target: manager.get(pair.target),
      sourceSampler: source,
      targetSampler: target,
      watermarks,
      binlogClosed: () => binlog.closed,
      staleMs: this.#staleMs,
      groups: this.#groups,
      replicatedBefore: replicatedBefore?.(pair.name) ?? false,
      others: () => this.#othersThan(pair.source),
      replicates: (name) => this.#replicates(name) === true,
      channelsOf: (name) => this.#channelsOf(name),
      clock: this.#clock,
      mishaps: this.#mishaps,
      onLag,
      onReplication,
      onState: (state) => onState(pair.name, state),
      onBroken: (broken) => this.#broken.set(of, broken),
      inherited: (about, eitherWay) => this.#broken.inherit(of, about, eitherWay),
      onRepointed: (repointed) => this.#keepRepointed(pair.name, pair.target, repointed),
    });
    const broken = this.#broken.get(of);
    if (broken) monitor.histories.recall(broken);
    this.#pairs.set(pair.name, { config: pair, source, target, monitor });
    const repointed = this.#repointed.get(pair.name);
    if (repointed) monitor.recallRepointed(repointed);
  }

  #recallRepointed(repointed: RepointedPair): void {
    this.#repointed.set(repointed.pair, repointed);
    this.#pair(repointed.pair).recallRepointed(repointed);
  }

  #keepRepointed(pair: string, target: string, repointed: Omit<RepointedPair, 'pair'> | null): void {
    if (repointed) this.#repointed.set(pair, { pair, ...repointed });
    else this.#repointed.delete(pair);
    const ofTarget = this.#configured.filter((each) => each.target === target);
    const kept = ofTarget.flatMap(({ name }) => this.#repointed.get(name) ?? []);
    this.#options.onRepointed?.(target, kept);
  }

  /** One has a server that is neither of the other's. Where one is not configured any more, nobody knows. */
  #haveOthers(one: OfPair, other: OfPair): boolean {
    const serversOf = ({ pair, target }: OfPair): Server[] => {
      const config = this.#configured.find((each) => each.name === pair && each.target === target);
      return config ? [config.source, config.target].map((name) => this.#options.manager.get(name)) : [];
    };
    const ofOther = serversOf(other);
    return serversOf(one).some(
      (server) => ofOther.length > 0 && ofOther.every((each) => areOthers(server, each)),
    );
  }

  #readStatusOf(name: string, phase: number): void {
    const ofTarget = this.#configured.filter(({ target }) => target === name);
    const monitors = ofTarget.map((pair) => this.#pair(pair.name));
    const server = this.#options.manager.get(name);
    const hidesValues = ofTarget.some(({ tables }) =>
      tables.overrides.some(({ maskColumns }) => maskColumns.length > 0),
    );
    const before = this.#readers.get(name);
    if (before) {
      const same =
        before.server === server &&
        before.hidesValues === hidesValues &&
        before.monitors.length === monitors.length &&
        monitors.every((monitor) => before.monitors.includes(monitor));
      if (same) return;
      this.#endReader(name, before);
    }
    const { statusIntervalMs } = this.#config;
    const reader = new ReplicationStatusReader({
      server,
      intervalMs: statusIntervalMs,
      phaseMs: statusIntervalMs * phase,
      hidesValues,
      clock: this.#clock,
      mishaps: this.#mishaps,
      onReading: (reading) => monitors.forEach((monitor) => monitor.read(reading)),
    });
    const sides = [...new Set([name, ...monitors.map(({ source }) => source)])];
    const samplers = sides.map((side) => this.#sampler(side));
    const end = hastenWhenAnswering(reader, samplers, this.#running);
    this.#readers.set(name, { server, monitors, hidesValues, reader, end });
    if (!this.#running) return;
    reader.start();
    if (server.connected) reader.hasten();
  }
}

/** What of a pair's settings replication is watched by. */
function ofReplication({ source, target, channel, errant, lag }: PairConfig) {
  return { source, target, channel, errant, lag };
}

function groupOf({ latest }: PositionSampler): string | undefined {
  return latest?.membership?.kind === 'group-replication' ? latest.membership.group : undefined;
}

function areOthers(one: Server, other: Server): boolean {
  return (
    one !== other &&
    one.facts !== null &&
    other.facts !== null &&
    areTwo(one.facts.instance, other.facts.instance)
  );
}
