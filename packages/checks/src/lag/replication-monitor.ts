import type { PairConfig } from '../config.ts';
import type { Mishaps } from '../mishaps.ts';
import type { MemberStateName } from '../model/group.ts';
import type { LagSample } from '../model/lag.ts';
import type { ChannelStatus, ReplicationStatus } from '../model/replication.ts';
import { relate } from '../position/contains.ts';
import { groupMethod } from '../position/group-method.ts';
import { gtidsAlone } from '../position/gtids-alone.ts';
import { hasTwin, type OwnChannel, ownChannel, type SourceOfPair } from '../position/own-channel.ts';
import type { Position } from '../position/position.ts';
import { choosePositionMethod, type PositionMethod } from '../position/position-method.ts';
import { Unparsable } from '../position/unparsable.ts';
import { oneServer } from '../server/one-server.ts';
import type { Server } from '../server/server.ts';
import { type ServerFacts, ServerFault } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';
import { formatInstant } from '../time/instant.ts';
import { attribute, parsedReceived } from './attribution.ts';
import { auroraFigure } from './aurora.ts';
import { type Errant, findAlone, findErrant } from './errant.ts';
import type { GroupWatch } from './group-watch.ts';
import { LookBack } from './look-back.ts';
import {
  type DerivedState,
  derivePairState,
  type OfMembers,
  type PairStateInput,
  whatHolds,
} from './pair-state.ts';
import type { PositionSample } from './position-sample.ts';
import type { PositionSampler } from './position-sampler.ts';
import { appliedIn, ReplicaLagMonitor, type Route } from './replica-lag-monitor.ts';
import type { StatusReading } from './replication-status-reader.ts';
import { sourceLostHistory } from './source-loss.ts';
import type { SourceWatermarks } from './source-watermarks.ts';

export interface ReplicationMonitorOptions {
  pair: PairConfig;
  source: Server;
  target: Server;
  sourceSampler: PositionSampler;
  targetSampler: PositionSampler;
  watermarks: SourceWatermarks;
  staleMs: number;
  groups: GroupWatch;
  replicatedBefore: boolean;
  /** All other servers that are known. */
  others: () => SourceOfPair[];
  clock: Clock;
  mishaps: Mishaps;
  onLag: (sample: LagSample) => void;
  onReplication: (status: ReplicationStatus) => void;
  onState: (state: WatchedState) => void;
}

export interface WatchedState extends DerivedState {
  since: Date;
}

/** A source may write seldom, and the other one as well. */
const quietReadings = 10;
const mostQuietReadings = 1000;

/** Everything that is watched of one pair, put together from its servers' samples and its target's status. */
export class ReplicationMonitor {
  readonly monitor: ReplicaLagMonitor;
  status: ReplicationStatus | null = null;
  state: WatchedState;
  /** Why the target makes no progress; null when it does, or when that is not known. */
  stopped: string | null = null;
  /** The last that was read; stays when the status cannot be read any more, since routes rarely change. */
  route: Route | null = null;
  readonly #options: ReplicationMonitorOptions;
  readonly #lookBack = new LookBack();
  #reading: StatusReading | null = null;
  /** Why what was read of the status last cannot be believed; null when it can. */
  #nonsense: string | null = null;
  #own: OwnChannel | null = null;
  #replicatedBefore: boolean;
  #seenRunning = false;
  #stoppedSince: Date | null = null;
  #toldEvidence: string | null = null;
  #seenDirect = false;
  #repointed: Date | null = null;
  /** The channel reads from another member of the source's group, as a managed one may. */
  #movedWithinGroup = false;
  /** Several servers write into one domain of the target's. */
  #mixed: string | null = null;
  /** For how many readings of the status nothing of others was seen there, and for how many it must not be. */
  #mixing: { quiet: number; needed: number } | null = null;
  /** Two sources could not be told apart by their server_id at the last reading. */
  #twins = false;
  #errant: Errant | null = null;
  /** The target's first sample, until the source is seen to have all that is in it, or histories were compared. */
  #first: PositionSample | 'had' | null = null;
  /** What the target had, and which server it was, when the source was seen to have lost it. */
  #outlived: { had: Position; identity: string } | null = null;

  constructor(options: ReplicationMonitorOptions) {
    const { pair, source, target, watermarks, staleMs, groups, clock, sourceSampler } = options;
    this.#options = options;
    this.#replicatedBefore = options.replicatedBefore;
    this.state = { state: 'unknown', evidence: 'not measured yet', since: clock.wall() };
    this.monitor = new ReplicaLagMonitor({
      pair: pair.name,
      source: source.name,
      target: target.name,
      watermarks,
      staleMs,
      group: groups,
      clock,
      sourceTrouble: (kind) => {
        if (sourceSampler.fault) return sourceSampler.fault.message;
        const unreadable = kind === 'file' && sourceSampler.latest?.binlog === null;
        return unreadable ? `the place in the binlog of ${source.name} could not be read` : null;
      },
    });
    options.targetSampler.listen({
      sample: (sample) => this.#measure(sample),
      fault: (fault) => this.#measured(this.monitor.fault(fault)),
    });
  }

  /** The source's name. */
  get source(): string {
    return this.#options.source.name;
  }

  /** The target compares names without case. */
  get targetFolds(): boolean {
    return this.#options.target.facts?.foldsNames === true;
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
      this.#mustBeTwo();
      this.#noticeGroup();
      this.monitor.noticeForeign(sample);
      this.#noticeMixed();
      this.#noticeSetUpAnew(sample);
      this.#noticeLostBefore(sample);
      measured = this.monitor.sample(sample);
    } catch (error) {
      mishaps.happened('measuring lag', error, { pair: pair.name });
      measured = this.monitor.fault(error instanceof Error ? error : new Error(String(error)));
    }
    this.#measured(measured);
  }

  #take(reading: StatusReading): void {
    this.#reading = reading;
    if (reading.channels) this.#findRoute(reading.channels, reading.at);
    else if (reading.fault?.kind === 'privilege') this.#findBlindRoute();
    // Also while nothing is missing, and nobody asks for it.
    parsedReceived(this.#channel);
    const channels = reading.channels;
    const found = channels || this.route?.blind ? this.#compareHistories(channels ?? []) : this.#errant;
    // Without the channels, what comes by the others would be taken for the target's own.
    const errant = channels || !this.route?.blind ? found : null;
    this.status = {
      pair: this.#options.pair.name,
      at: reading.at,
      channels,
      channel: this.#channel,
      attribution: this.#attribution(),
      errant: errant?.text ?? null,
      errantCount: errant?.count ?? null,
      errantKnown: errant?.known ?? '',
      sameStorage: this.#sameStorage(),
      direct: this.#channel ? (this.#own?.direct ?? null) : null,
      repointed: this.#channel ? this.#repointed : null,
      evidence: this.#evidence(),
    };
    this.#options.onReplication(this.status);
    this.#derive(true);
  }

  /** One of the servers is another one now. */
  reset(): void {
    this.#mixed = null;
    this.#mixing = null;
    this.#lookBack.reset();
    this.#outlived = null;
    this.#first = null;
    this.monitor.doubt = null;
  }

  /**
   * The source does not have any more what it had before, so numbers may mean other transactions than they did: nothing
   * is believed until both histories, as they are from now on, were compared.
   */
  sourceWentBack(): void {
    const { source, target, sourceSampler, targetSampler } = this.#options;
    if (this.route?.group) return;
    this.#lookBack.reset();
    this.#first = 'had';
    this.monitor.doubt = `${source.name} does not have any more what it had before: its history was reset or restored; whether ${target.name} has the same is not known yet`;
    const [now, then] = [sourceSampler.latest, targetSampler.latest];
    const had = now && then && this.#lost(then, now) ? this.#applied(then) : null;
    if (had) this.#outlived = { had, identity: target.facts?.identity ?? '' };
  }

  get #channel(): ChannelStatus | null {
    return this.#reading?.channels ? (this.#own?.channel ?? null) : null;
  }

  /** A failover may make one of two servers between two readings of the status. */
  #mustBeTwo(): void {
    const evidence = oneServer(this.#options.source, this.#options.target);
    if (evidence === null) return;
    this.route = { method: { kind: null, evidence }, channel: null };
    this.monitor.route = this.route;
  }

  #measured(sample: LagSample): void {
    this.#options.onLag(sample);
    this.#derive(false);
  }

  #findRoute(channels: ChannelStatus[], at: Date): void {
    const { pair, source } = this.#options;
    const { host, port } = source.state;
    const others = this.#options.others();
    this.#own = ownChannel(channels, { facts: source.facts, host, port }, pair.channel, others);
    if (this.#groupMethod(this.#own)) this.#own = { channel: null, direct: false, ambiguous: false };
    const { channel } = this.#own;
    if (channel) this.#replicatedBefore = true;
    this.#movedWithinGroup = channel !== null && this.#isOfGroup(channel, others);
    if (this.#own.direct || this.#movedWithinGroup) {
      this.#seenDirect = true;
      this.#repointed = null;
    } else if (this.#seenDirect && channel?.receiver === 'running' && source.connected) {
      // Only while it is connected to what it reads from, and Lockstep to the source, is either's identity today's.
      this.#repointed ??= at;
    }
    if (channel?.receiver === 'stopped' || channel?.applier === 'stopped') {
      if (this.#seenRunning) this.#stoppedSince ??= at;
    } else {
      this.#stoppedSince = null;
      this.#seenRunning ||= channel !== null;
    }
    const twin = channel && hasTwin(channel, channels);
    if (channels.length < 2 || (this.#twins && !twin)) {
      this.#mixed = null;
      this.#mixing = null;
    }
    this.#endMixing();
    this.#twins = twin === true;
    if (twin) {
      this.#mixed = `another source of ${this.#options.target.name} has the server_id ${channel.sourceIdentity}, too`;
    }
    this.#setRoute(this.#own);
  }

  /** Of Group Replication, all of whose members have one history; of others that are watched it is known. */
  #isOfGroup({ sourceIdentity }: ChannelStatus, others: SourceOfPair[]): boolean {
    const { membership } = this.#options.sourceSampler.latest ?? {};
    if (membership?.kind !== 'group-replication' || membership.group === '') return false;
    return others.some(({ facts, group }) => facts?.uuid === sourceIdentity && group === membership.group);
  }

  /** What was read of the status once tells more than no status does. */
  #findBlindRoute(): void {
    if (this.route && !this.route.blind) return;
    const { source } = this.#options;
    const method = this.#gtidsAlone('applied');
    if (!method || !source.facts) return;
    const evidence = `${this.#unseen()}; ${method.evidence}`;
    // Whatever lies in between may leave out domains.
    const alone = source.facts.wsrepGtid?.alone ?? null;
    this.route = { method: { ...method, evidence }, channel: null, direct: false, blind: true, alone };
    this.monitor.route = this.route;
    this.#mustBeTwo();
  }

  /** Null while not all is known that it takes. */
  #gtidsAlone(what: 'applied' | 'source'): PositionMethod | null {
    const { source, target, sourceSampler, targetSampler } = this.#options;
    const [wanted, applied] = [sourceSampler.latest?.gtid.source, targetSampler.latest?.gtid[what]];
    if (!source.facts || !target.facts || !wanted || !applied) return null;
    const { serverId } = source.facts;
    const twins = this.#options
      .others()
      .some(({ facts }) => facts?.flavour === 'mariadb' && facts.serverId === serverId);
    const of = (facts: ServerFacts, position: Position) => ({ facts, position });
    return gtidsAlone(of(source.facts, wanted), of(target.facts, applied), twins);
  }

  #setRoute(own: OwnChannel): void {
    const { channel, direct } = own;
    const alone = direct ? null : (this.#options.source.facts?.wsrepGtid?.alone ?? null);
    const group = this.#groupMethod(own);
    const through = group ? null : this.#throughCluster(own);
    if (group) this.route = { method: group, channel: null, group: true };
    else if (through) this.route = { method: through, channel: null, alone, throughCluster: true };
    else this.route = { method: this.#method(own), channel, direct, alone };
    this.monitor.route = this.route;
    this.#mustBeTwo();
    if (this.route.method.kind === 'file') {
      this.#options.sourceSampler.needsBinlog = true;
      this.#options.targetSampler.needsPlaces = true;
    }
  }

  /** One member's channel brings to all what comes by it; null where the target has none of it, or is no member. */
  #throughCluster({ channel, ambiguous }: OwnChannel): PositionMethod | null {
    const { pair, target } = this.#options;
    if (channel || ambiguous || pair.channel !== null || !target.facts?.cluster) return null;
    const method = this.#gtidsAlone('source');
    if (!method?.kind) return null;
    return { ...method, evidence: `by ${target.facts.flavour === 'mysql' ? 'GTID sets' : 'GTIDs'} alone` };
  }

  /** Null where a channel is to tell: the configured one, or one from the source itself. */
  #groupMethod({ direct }: OwnChannel): PositionMethod | null {
    const { pair, source, target } = this.#options;
    if (pair.channel !== null || direct) return null;
    const { members } = this.#options.groups;
    const side = ({ name, facts }: Server) => {
      const judged = members.judge(name);
      const believed = judged === null || takesPart.has(judged.state);
      return { name, facts, membership: members.membership(name), doubt: believed ? null : judged.evidence };
    };
    return groupMethod(side(source), side(target), members.apart(source.name, target.name));
  }

  /** Members leave and come back between two readings of the status. */
  #noticeGroup(): void {
    if (!this.#own || !this.route?.group) return;
    const now = this.#groupMethod(this.#own);
    if (now?.evidence !== this.route.method.evidence) this.#setRoute(this.#own);
  }

  #method(own: OwnChannel): PositionMethod {
    const { source, target } = this.#options;
    if (own.ambiguous) return { kind: null, evidence: this.#noChannelEvidence() };
    if (!source.facts || !target.facts) return { kind: null, evidence: `${source.name}: ${source.evidence}` };
    return choosePositionMethod({ source: source.facts, target: target.facts, mixed: this.#mixed, ...own });
  }

  #attribution(): ReplicationStatus['attribution'] {
    const { latest, measured } = this.monitor;
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

  /** Other channels write into a domain of this pair's: then the target's GTIDs tell its place by chance only. */
  #noticeMixed(): void {
    const { target } = this.#options;
    const channels = this.#reading?.channels?.length ?? 0;
    if (!this.monitor.foreign || channels < 2 || !this.#own) return;
    if (this.#mixing) this.#mixing.quiet = 0;
    if (this.#mixed !== null) return;
    const needed = this.#mixing ? Math.min(2 * this.#mixing.needed, mostQuietReadings) : quietReadings;
    this.#mixing = { quiet: 0, needed };
    this.#mixed = `several sources of ${target.name} write into one replication domain`;
    this.#setRoute(this.#own);
  }

  /** Nothing of others comes any more. Each time that it does again it must be gone for twice as long. */
  #endMixing(): void {
    if (!this.#mixing || this.#mixed === null || this.#twins) return;
    this.#mixing.quiet++;
    if (this.#mixing.quiet >= this.#mixing.needed) this.#mixed = null;
  }

  /** At every look, since for a moment only it may have less than it had. */
  #noticeSetUpAnew(sample: PositionSample): void {
    if (!this.#outlived || !this.#isSetUpAnew(sample, this.#outlived)) return;
    this.#outlived = null;
    this.#lookBack.reset();
  }

  /** Until histories were compared for the first time, what the source may have lost before must not be believed. */
  #noticeLostBefore(sample: PositionSample): void {
    const { source, target, sourceSampler } = this.#options;
    if (this.#first === 'had' || (this.route?.method.kind ?? null) === null) return;
    this.#first ??= sample;
    const now = sourceSampler.latest;
    if (!now) return;
    const lost = this.route?.group !== true && this.#lost(this.#first, now);
    if (!lost) this.#first = 'had';
    this.monitor.doubt = lost
      ? `${target.name} has transactions that ${source.name} does not show: whether they are on their way to it, or its history was reset or restored, is not known yet`
      : null;
  }

  /** Looks for transactions that only the target has: its own, or those that the source lost. */
  #compareHistories(channels: ChannelStatus[]): Errant | null {
    const { source, target, sourceSampler, targetSampler } = this.#options;
    const [now, latest] = [sourceSampler.latest, targetSampler.latest];
    if (!now || !latest || !source.facts || !target.facts) return null;
    if (sourceSampler.fault || targetSampler.fault) return null;
    if (this.route?.group) return this.#writtenAlone(latest);
    const then = this.#lookBack.look(latest, now);
    if (!then) return this.#errant;
    const found = this.#surplus(then, now, channels);
    const ahead = source.facts.flavour === 'mysql' && (found.lost || (found.errant?.text ?? '') !== '');
    if (ahead) sourceSampler.suspects.add(this);
    else sourceSampler.suspects.delete(this);
    // The next look tells what the source is committing.
    if (ahead && now.inFlight == null) return this.#errant;
    const { lost, errant } = ahead ? this.#surplus(then, withInFlight(now), channels) : found;
    this.#first = 'had';
    this.monitor.doubt =
      lost || this.#outlived
        ? `${target.name} has transactions of ${source.name} that ${source.name} itself does not have: its history was reset or restored`
        : null;
    return (this.#errant = errant);
  }

  /** What one member has and the other has not is on its way, but for what was written on the target alone. */
  #writtenAlone(latest: PositionSample): Errant | null {
    const { source, target, groups } = this.#options;
    const settled = [source, target].every(({ name }) => {
      const state = groups.members.judge(name)?.state;
      return state === 'in-group' || state === 'donor';
    });
    if (!settled || !target.facts) return this.#errant;
    return (this.#errant = findAlone(latest.gtid.history, groups.otherHistories(target.name), target.facts));
  }

  /** What only the target has: of the source's own, or of others. */
  #surplus(
    then: PositionSample,
    now: PositionSample,
    channels: ChannelStatus[],
  ): { lost: boolean; errant: Errant | null } {
    const [source, target] = [this.#options.source.facts, this.#options.target.facts];
    const others = channels.filter((channel) => channel !== this.#own?.channel);
    const errant =
      target && source?.flavour === target.flavour
        ? findErrant(then.gtid.history, now.gtid.history, target, others, {
            knownOrigins: this.#options.pair.errant?.ignore ?? [],
            group: now.membership?.group ?? '',
          })
        : null;
    return { lost: this.#lost(then, now), errant };
  }

  /** The target has no longer what it had either, or has what is of another history. */
  #isSetUpAnew(sample: PositionSample, { had, identity }: { had: Position; identity: string }): boolean {
    if (this.#options.target.facts?.identity !== identity) return true;
    const applied = this.#applied(sample);
    if (!applied) return false;
    const relation = relate(applied, had);
    const alone = (this.#reading?.channels ?? []).length === 1;
    return relation === 'lacks' || (relation === 'unknown' && alone);
  }

  #lost(then: PositionSample, now: PositionSample): boolean {
    const { facts } = this.#options.source;
    const kind = this.route?.method.kind ?? null;
    if (!facts || !this.route || kind === null) return false;
    const alone = this.#reading?.channels?.length === 1;
    return sourceLostHistory(then, now, facts, kind, this.route, alone);
  }

  #applied(sample: PositionSample): Position | null {
    const { method, ...route } = this.route ?? { channel: null };
    return appliedIn(sample, method?.kind ?? 'mysql-gtid', route);
  }

  #evidence(): string {
    const channel = this.#channel;
    if (!channel) return this.#noChannelEvidence();
    const since = this.#repointed ? ` any more since ${formatInstant(this.#repointed)}` : '';
    const member = this.#movedWithinGroup ? ', another member of its group' : '';
    const relay = this.#own?.direct ? '' : `${member}, not from ${this.#options.source.name} itself${since}`;
    return `reads from ${channel.sourceHost}:${channel.sourcePort}${relay}; receiver ${channel.receiver}, applier ${channel.applier}`;
  }

  #noChannelEvidence(): string {
    const { pair, source, target } = this.#options;
    if (this.#nonsense !== null) return this.#nonsense;
    if (!this.#reading) return 'the replication status was not read yet';
    if (this.route?.throughCluster) {
      return `gets it through its cluster, another member of which has the channel; compared ${this.route.method.evidence}`;
    }
    if (this.route?.group) {
      const { kind, evidence } = this.route.method;
      return kind === null ? evidence : `both are members of one cluster; compared ${evidence}`;
    }
    const { channels, fault } = this.#reading;
    if (!channels && fault?.kind === 'privilege') return `${this.#unseen()}: ${fault.message}`;
    if (!channels) return `the replication status could not be read: ${fault?.message}`;
    const names = channels.map(({ name }) => `"${name}"`).join(', ');
    if (this.#own?.ambiguous) {
      const twins =
        source.facts && channels.filter((channel) => channel.sourceIdentity === source.facts?.serverId);
      return twins && twins.length > 1
        ? `${target.name} has the channels ${names}; ${twins.length} of them read from servers with the server_id ${source.facts?.serverId} of ${source.name}, at addresses that do not tell which is its own: name the pair's channel in the configuration`
        : `${target.name} has the channels ${names}, none of which reads from ${source.name}: name the pair's channel in the configuration`;
    }
    if (channels.length > 0) return `${target.name} has no channel "${pair.channel}", only ${names}`;
    const storage = this.#sameStorage();
    const { aurora, instance } = target.facts ?? {};
    if (target.facts?.cluster && storage === null) {
      return `${target.name} is a member of a cluster, has no channel of its own, and nothing of ${source.name}`;
    }
    if (storage === null && !aurora?.reader) return `${target.name} is not a replica`;
    const what =
      storage ??
      "it is an Aurora reader, which reads the storage of its cluster's writer and is no copy of it";
    const figure = aurora?.reader
      ? auroraFigure(this.#reading.aurora ?? [], instance?.['aurora_server_id'])
      : '';
    return `${target.name} is not a replica: ${what}${figure}`;
  }

  /** Why what one side holds the other holds as well, whatever it is: null where each has its own storage. */
  #sameStorage(): string | null {
    const { source, target } = this.#options;
    const [here, there] = [source.facts, target.facts];
    if (!here?.aurora || !there?.aurora) return null;
    const members = this.#reading?.aurora ?? [];
    const isMember = ({ instance }: ServerFacts) =>
      members.some((member) => member.instance === instance['aurora_server_id']);
    // Servers of one cluster may have one uuid.
    if (here.uuid !== there.uuid && !(isMember(here) && isMember(there))) return null;
    return `${source.name} and ${target.name} are of one Aurora cluster and read the same storage, which is no copy`;
  }

  #unseen(): string {
    return `threads and filters of ${this.#options.target.name}: not visible with this account`;
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
      noChannel: channel ? null : { reason: this.#noChannelReason(), evidence: this.#noChannelEvidence() },
      lag: this.monitor.latest,
      attribution: this.status?.attribution ?? 'unknown',
      repointed: channel && this.#repointed ? this.#evidence() : null,
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

  #noChannelReason(): 'absent' | 'group' | 'ambiguous' | 'unread' | 'nonsense' {
    if (this.#nonsense !== null) return 'nonsense';
    if (this.route?.group || this.route?.throughCluster) return 'group';
    if (!this.#reading?.channels) return 'unread';
    return this.#own?.ambiguous ? 'ambiguous' : 'absent';
  }
}

/** Of which a member's position counts. */
const takesPart = new Set<MemberStateName>(['in-group', 'donor', 'joining']);

/** What the source sent and still commits is neither lost nor errant. */
function withInFlight(sample: PositionSample): PositionSample {
  const { gtid, inFlight } = sample;
  return { ...sample, gtid: { ...gtid, history: [gtid.history, inFlight].filter(Boolean).join(',') } };
}
