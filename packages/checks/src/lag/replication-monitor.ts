import type { PairConfig } from '../config.ts';
import type { Mishaps } from '../mishaps.ts';
import type { BrokenHistory } from '../model/broken-history.ts';
import type { LagSample } from '../model/lag.ts';
import type { ChannelStatus, ReplicationStatus } from '../model/replication.ts';
import { numbersAlone } from '../position/other-binlog.ts';
import type { SourceOfPair } from '../position/own-channel.ts';
import type { Position } from '../position/position.ts';
import { Unparsable } from '../position/unparsable.ts';
import { oneServer } from '../server/one-server.ts';
import type { Server } from '../server/server.ts';
import { type ServerFacts, ServerFault } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';
import { formatInstant } from '../time/instant.ts';
import { attribute, parsedReceived } from './attribution.ts';
import type { GroupWatch } from './group-watch.ts';
import type { Inherited } from './known-broken.ts';
import type { LoggedByNobody } from './logged-by-nobody.ts';
import { type NoChannel, sameStorage, whyNoChannel } from './no-channel.ts';
import {
  type DerivedState,
  derivePairState,
  type OfMembers,
  type PairStateInput,
  whatHolds,
} from './pair-state.ts';
import type { PositionSample } from './position-sample.ts';
import type { PositionSampler } from './position-sampler.ts';
import { readsFrom } from './reads-from.ts';
import { ReplicaLagMonitor, type Route } from './replica-lag-monitor.ts';
import type { StatusReading } from './replication-status-reader.ts';
import { RouteFinder, type RouteFinderOptions } from './route-finder.ts';
import { mayBeReadIn } from './source-loss.ts';
import type { SourceWatermarks } from './source-watermarks.ts';
import { TwoHistories } from './two-histories.ts';

export interface ReplicationMonitorOptions {
  pair: PairConfig;
  source: Server;
  target: Server;
  sourceSampler: PositionSampler;
  targetSampler: PositionSampler;
  watermarks: SourceWatermarks;
  /** See `ClosedBinlog`; absent: nobody knows. */
  binlogClosed?: () => boolean;
  staleMs: number;
  groups: GroupWatch;
  replicatedBefore: boolean;
  /** All other servers that are known. */
  others: () => Iterable<SourceOfPair>;
  /** Whether a server is known to have a channel, by its name. */
  replicates: (server: string) => boolean;
  /** A server's channels, by its name; null or absent while they are not known. */
  channelsOf?: (server: string) => readonly ChannelStatus[] | null;
  clock: Clock;
  mishaps: Mishaps;
  onLag: (sample: LagSample) => void;
  onReplication: (status: ReplicationStatus) => void;
  onState: (state: WatchedState) => void;
  /** See `TwoHistories`. */
  onBroken?: (broken: BrokenHistory | null) => void;
  inherited?: Inherited;
  /** See `RouteFinder`. */
  onRepointed?: NonNullable<RouteFinderOptions['onRepointed']>;
}

export interface WatchedState extends DerivedState {
  since: Date;
}

/** Everything that is watched of one pair, put together from its servers' samples and its target's status. */
export class ReplicationMonitor {
  readonly monitor: ReplicaLagMonitor;
  status: ReplicationStatus | null = null;
  state: WatchedState;
  /** Why the target makes no progress; null when it does, or when that is not known. */
  stopped: string | null = null;
  readonly #options: ReplicationMonitorOptions;
  readonly #finder: RouteFinder;
  readonly histories: TwoHistories;
  #reading: StatusReading | null = null;
  /** Why what was read of the status last cannot be believed; null when it can. */
  #nonsense: string | null = null;
  #replicatedBefore: boolean;
  /** Who the servers were at the last look. */
  readonly #seen = new Map<Server, ServerFacts>();
  #seenRunning = false;
  #stoppedSince: Date | null = null;
  #toldEvidence: string | null = null;
  readonly #forget: () => void;

  constructor(options: ReplicationMonitorOptions) {
    const { pair, source, target, watermarks, staleMs, groups, clock, sourceSampler } = options;
    this.#options = options;
    this.#replicatedBefore = options.replicatedBefore;
    this.state = { state: 'unknown', evidence: 'not measured yet', since: clock.wall() };
    this.#finder = new RouteFinder(options);
    this.histories = new TwoHistories({
      ...options,
      knownOrigins: pair.errant?.ignore ?? [],
      way: () => ({
        route: this.route,
        channels: this.#reading?.channels ?? null,
        own: this.#finder.own?.channel ?? null,
      }),
    });
    this.monitor = new ReplicaLagMonitor({
      pair: pair.name,
      source: source.name,
      target: target.name,
      watermarks,
      staleMs,
      binlogPauseMs: () => sourceSampler.binlogPauseMs,
      group: groups,
      clock,
      broken: () => withRemedy(this.histories.broken?.why ?? null, this.histories),
      doubt: () =>
        writesUnnumbered(source, options.binlogClosed?.() === true) ??
        withRemedy(this.histories.doubt, this.histories),
      readIn: (applied) =>
        mayBeReadIn(applied, sourceSampler.latest, source.facts, this.#reading?.channels?.length ?? 0),
      nobodys: () => this.nobodys,
      heldUpSince: (at) => options.targetSampler.heldUpSince(at),
      sourceTrouble: (kind) => {
        if (sourceSampler.fault) return sourceSampler.fault.message;
        const unreadable = kind === 'file' && sourceSampler.latest?.binlog === null;
        return unreadable ? `the place in the binlog of ${source.name} could not be read` : null;
      },
    });
    this.#forget = options.targetSampler.listen({
      sample: (sample) => this.#measure(sample),
      fault: (fault) => this.#measured(this.monitor.fault(fault)),
    });
  }

  /** See `RouteFinder`. */
  recallRepointed(...repointed: Parameters<RouteFinder['recall']>): void {
    this.#finder.recall(...repointed);
  }

  /** Tells nothing any more, and asks nothing of the samplers, which others go on with. */
  stop(): void {
    this.#forget();
    this.#finder.stop();
    this.histories.stop();
  }

  /** The source's name. */
  get source(): string {
    return this.#options.source.name;
  }

  /** Its name. */
  get target(): string {
    return this.#options.target.name;
  }

  /** See `loggedByNobody`. */
  get nobodys(): LoggedByNobody | null {
    return this.#options.groups.loggedByNobody(this.source);
  }

  /** The target compares names without case. */
  get targetFolds(): boolean {
    return this.#options.target.facts?.foldsNames === true;
  }

  /** In its filters of tables it does so in any case (MariaDB). */
  get targetFoldsFilters(): boolean {
    return this.targetFolds || this.#options.target.facts?.flavour === 'mariadb';
  }

  /** The last that was found; stays when the status cannot be read any more, since routes rarely change. */
  get route(): Route | null {
    return this.#finder.route;
  }

  /** The target's replication status was asked for. Never throws: what cannot be read of it costs this pair alone. */
  read(reading: StatusReading): void {
    const { target, mishaps, pair } = this.#options;
    try {
      this.#nonsense = null;
      this.#take(reading);
    } catch (error) {
      const foreseen = error instanceof Unparsable;
      if (!foreseen) mishaps.happened('reading the replication status', error, { pair: pair.name });
      this.#nonsense = foreseen
        ? `what ${target.name} printed is ${error.message}`
        : `the replication status could not be made out: ${String(error)}`;
      const fault = new ServerFault('statement', target.name, this.#nonsense);
      const told = () => this.#take({ ...reading, channels: null, fault });
      mishaps.guard('telling the replication status', told, { pair: pair.name });
    }
  }

  #measure(sample: PositionSample): void {
    const { mishaps, pair } = this.#options;
    let measured: LagSample;
    try {
      this.noticeExchange();
      const channels = this.#reading?.channels ?? null;
      this.#finder.notice(channels);
      this.monitor.route = this.route;
      this.monitor.noticeForeign(sample);
      if (this.monitor.foreign) this.#finder.noticeForeign(channels);
      this.monitor.route = this.route;
      this.histories.notice(sample);
      measured = this.monitor.sample(sample);
    } catch (error) {
      mishaps.happened('measuring lag', error, { pair: pair.name });
      measured = this.monitor.fault(error instanceof Error ? error : new Error(String(error)));
    }
    this.#measured(measured);
  }

  #take(reading: StatusReading): void {
    this.noticeExchange();
    this.#reading = reading;
    const { channels, fault, at } = reading;
    if (channels) this.#finder.find(channels, at);
    else if (fault?.kind === 'privilege') this.#finder.findBlind();
    if (this.#finder.followsTwin) this.histories.followedTwin();
    if (this.#finder.followsOtherwise) this.histories.followedOtherwise();
    this.histories.noticeNumbers(this.#finder.followsOtherNumbers, this.#finder.own?.direct ?? false);
    this.monitor.route = this.route;
    if (channels) this.#noticeThreads(at);
    // Also while nothing is missing, and nobody asks for it.
    parsedReceived(this.#channel);
    const found = channels || this.route?.blind ? this.histories.compare() : this.histories.errant;
    // Without the channels, what comes by the others would be taken for the target's own.
    const errant = channels || !this.route?.blind ? found : null;
    const { source, target, pair } = this.#options;
    const delayBeforeMs = channels ? 0 : (this.route?.channel?.intendedDelayMs ?? 0);
    this.status = {
      pair: pair.name,
      at,
      channels,
      channel: this.#channel,
      attribution: this.#attribution(),
      errant: errant?.text ?? null,
      errantCount: errant?.count ?? null,
      errantKnown: errant?.known ?? '',
      sameStorage: sameStorage(source, target, reading.aurora ?? []),
      direct: this.#channel ? (this.#finder.own?.direct ?? null) : null,
      readsFrom: readsFrom(this.#channel, this.status),
      repointed: this.#channel ? this.#finder.repointed : null,
      ...(delayBeforeMs > 0 && { delayBeforeMs }),
      evidence: this.#channel ? this.#evidence(this.#channel) : this.#noChannel().evidence,
    };
    this.#options.onReplication(this.status);
    this.#derive(true);
  }

  /**
   * One of the servers may be another one since the last look: what was measured between the two before, and how what
   * the one writes came to the other, says nothing of them.
   */
  noticeExchange(): void {
    const { source, target, watermarks } = this.#options;
    if (isCopyOf(this.#seen.get(source), source.facts)) {
      watermarks.reset();
      this.monitor.forget();
      this.histories.sourceCopied();
    }
    const [formerSource, formerTarget] = [this.#exchanged(source), this.#exchanged(target)];
    if (!formerSource && !formerTarget) return;
    if (formerSource) watermarks.reset();
    if (formerTarget) {
      this.#seenRunning = false;
      this.#stoppedSince = null;
    }
    const readFormer = !formerTarget && this.#finder.readFrom === formerSource?.identity;
    this.#reading = null;
    this.#finder.reset();
    this.monitor.forget();
    this.histories.reset(formerSource);
    if (readFormer && formerSource && source.facts && [formerSource, source.facts].every(numbersAlone)) {
      this.histories.sourceIsOtherNode();
    }
  }

  /** Who it was at the last look, if it is another one now. */
  #exchanged(server: Server): ServerFacts | null {
    const before = this.#seen.get(server);
    if (!server.facts) return null;
    this.#seen.set(server, server.facts);
    return before && before.identity !== server.facts.identity ? before : null;
  }

  /** The source does not have any more what it had before. */
  sourceWentBack(): void {
    this.histories.sourceWentBack();
  }

  /** The pair did replicate when it was last seen to, and the target has no channel for it any more. */
  get hasVanished(): boolean {
    return this.#replicatedBefore && !this.#channel && this.#noChannel().reason === 'absent';
  }

  /** The target was pointed from its source to another server, and not the source's name. */
  get targetMoved(): boolean {
    return this.#channel !== null && this.#finder.targetMoved;
  }

  get #channel(): ChannelStatus | null {
    return this.#reading?.channels ? (this.#finder.own?.channel ?? null) : null;
  }

  #measured(sample: LagSample): void {
    this.#options.onLag(sample);
    this.#derive(false);
  }

  #noticeThreads(at: Date): void {
    const channel = this.#channel;
    if (channel) this.#replicatedBefore = true;
    if (channel?.receiver === 'stopped' || channel?.applier === 'stopped') {
      if (this.#seenRunning) this.#stoppedSince ??= at;
      return;
    }
    this.#stoppedSince = null;
    this.#seenRunning ||= channel !== null;
  }

  #attribution(): ReplicationStatus['attribution'] {
    const { latest, measured, lost } = this.monitor;
    // It arrived when the target had it: that it lies there does not mean that it waits.
    if (lost !== null) return 'unknown';
    return attribute({
      lagMs: latest?.lagMs ?? null,
      missing: measured?.range.missing?.position ?? null,
      applied: measured?.applied ?? null,
      channel: this.#channel,
      queue: this.route?.group ? this.#queue() : null,
    });
  }

  #queue(): { position: Position | null; length: number | null } {
    const { membership } = this.#options.targetSampler.latest ?? {};
    return { position: membership?.received ?? null, length: membership?.queue ?? null };
  }

  #evidence(channel: ChannelStatus): string {
    const { own, repointed, movedWithinGroup } = this.#finder;
    const since = repointed ? ` any more since ${formatInstant(repointed)}` : '';
    const member = movedWithinGroup ? ', another member of its group' : '';
    const relay = own?.direct ? '' : `${member}, not from ${this.#options.source.name} itself${since}`;
    return `reads from ${channel.sourceHost}:${channel.sourcePort}${relay}; receiver ${channel.receiver}, applier ${channel.applier}`;
  }

  #noChannel(): NoChannel {
    const { pair, source, target } = this.#options;
    return whyNoChannel({
      source,
      target,
      channel: pair.channel,
      reading: this.#reading,
      nonsense: this.#nonsense,
      route: this.route,
      ambiguous: this.#finder.own?.ambiguous ?? false,
    });
  }

  #derive(alsoEvidence: boolean): void {
    const { clock, onState } = this.#options;
    const input = this.#stateInput();
    const derived = derivePairState(input);
    this.stopped = whatHolds(input)?.why ?? null;
    const changed = derived.state !== this.state.state;
    this.state = { ...derived, since: changed ? clock.wall() : this.state.since };
    // Compared with what was told, not with the last sample's: that one is always the newest already.
    if (!changed && !(alsoEvidence && derived.evidence !== this.#toldEvidence)) return;
    this.#toldEvidence = derived.evidence;
    onState(this.state);
  }

  #stateInput(): PairStateInput {
    const { source, target, pair } = this.#options;
    const side = (server: Server) => ({
      name: server.name,
      connected: server.connected,
      evidence: server.evidence,
    });
    const channel = this.#channel;
    return {
      source: side(source),
      target: side(target),
      oneServer: oneServer(source, target),
      channel,
      noChannel: channel ? null : this.#noChannel(),
      lag: this.monitor.latest,
      attribution: this.status?.attribution ?? 'unknown',
      lost: this.monitor.lost,
      repointed: channel && this.#finder.repointed ? this.#evidence(channel) : null,
      delayBeforeMs: this.status?.delayBeforeMs,
      members: this.route?.group ? this.#ofMembers() : null,
      warningMs: pair.lag.warningMs,
      stoppedSince: this.#stoppedSince,
      replicatedBefore: this.#replicatedBefore,
    };
  }

  #ofMembers(): OfMembers {
    const { source, target, groups } = this.#options;
    const { members } = groups;
    const judged = [target, source].flatMap(({ name }) => {
      const judgement = members.judge(name);
      return judgement ? { name, ...judgement } : [];
    });
    return {
      judged,
      apart: members.apart(source.name, target.name),
      sourceBehind: groups.behind(source.name),
      notes: [target.name, source.name].flatMap((name) => members.note(name) ?? []),
    };
  }
}

/** What a person can do about it, where that is all there is to do. */
function withRemedy(doubt: string | null, { provable }: TwoHistories): string | null {
  if (doubt === null || doubt !== provable?.why) return doubt;
  return `${doubt}; a checksum run of the whole pair ends this where all tables match`;
}

/** Of what a source writes without a binary log no position tells, for it comes to nobody; null where it has one. */
function writesUnnumbered({ name, facts }: Server, closed: boolean): string | null {
  if (closed) {
    return `${name} has closed its binary log, which it could not write (its own log says why): what it writes since comes to no replica`;
  }
  if (facts === null || facts.binlog) return null;
  return `the binary log of ${name} is off, so what it writes has no GTID and comes to no replica`;
}

/** Members of a cluster, and those that share a storage, number as one. */
function isCopyOf(before: ServerFacts | undefined, now: ServerFacts | null): boolean {
  if (!before || !now?.copied?.beside || before.identity !== now.identity) return false;
  if ((now.cluster ?? null) !== null || (now.aurora ?? null) !== null) return false;
  return before.copied?.at.getTime() !== now.copied.at.getTime();
}
