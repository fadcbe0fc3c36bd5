import { isDeepStrictEqual } from 'node:util';
import type { PairConfig } from '../config.ts';
import type { MemberStateName } from '../model/group.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { groupMethod } from '../position/group-method.ts';
import { gtidsAlone } from '../position/gtids-alone.ts';
import type { Membership } from '../position/membership.ts';
import { numbersAlone } from '../position/other-binlog.ts';
import { outOfOrder } from '../position/out-of-order.ts';
import {
  type Alike,
  hasTwin,
  isTwin,
  numberedAlike,
  type OwnChannel,
  ownChannel,
  type SourceOfPair,
} from '../position/own-channel.ts';
import type { Position } from '../position/position.ts';
import { choosePositionMethod, type PositionMethod } from '../position/position-method.ts';
import { logsLess, replicatedDomains } from '../position/replicated-part.ts';
import { unappliedBy } from '../position/unapplied.ts';
import { oneServer } from '../server/one-server.ts';
import type { Server } from '../server/server.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';
import type { GroupWatch } from './group-watch.ts';
import { MixedDomain } from './mixed-domain.ts';
import { ambiguity, unseen } from './no-channel.ts';
import { Overlaps } from './overlaps.ts';
import type { PositionSampler } from './position-sampler.ts';
import type { Route } from './replica-lag-monitor.ts';
import { type Repointed, Repointing } from './repointing.ts';
import { fromTwoNodes, numberedOtherwise, placeOf } from './upstream-node.ts';

export interface RouteFinderOptions {
  pair: PairConfig;
  source: Server;
  target: Server;
  sourceSampler: PositionSampler;
  targetSampler: PositionSampler;
  groups: GroupWatch;
  /** All other servers that are known. */
  others: () => Iterable<SourceOfPair>;
  /** Whether a server is known to have a channel, by its name. */
  replicates: (server: string) => boolean;
  /** A server's channels, by its name; null or absent while they are not known. */
  channelsOf?: (server: string) => readonly ChannelStatus[] | null;
  clock?: Clock;
  /** What is to be remembered over restarts became another; null: nothing any more. */
  onRepointed?: (repointed: Repointed | null) => void;
}

const none: OwnChannel = { channel: null, direct: false, ambiguous: false };

/** By which way what a source writes comes to a target, and how their positions are compared therefore. */
export class RouteFinder {
  /** The last that was found; stays when the status cannot be read any more, since routes rarely change. */
  route: Route | null = null;
  own: OwnChannel | null = null;
  /** The channel reads from another member of the source's group, as a managed one may. */
  movedWithinGroup = false;
  readonly #options: RouteFinderOptions;
  readonly #mixed: MixedDomain;
  readonly #repointing: Repointing;
  readonly #overlaps: Overlaps;
  /** How the source numbered its binlog when the method was chosen. */
  #numbering: ServerFacts['wsrepGtid'] = undefined;
  /** Why a place in the binlog told nothing when the method was chosen; null when it did. */
  #wasUnordered: string | null = null;
  /** Why the target's GTIDs did not tell then what it had applied; likewise. */
  #wasUnapplied: string | null = null;
  /** Why the numbers of what comes from another node meant others then; likewise. */
  #wasOtherwise: string | null = null;
  /** The target's, when they were read last. */
  #channels: readonly ChannelStatus[] = [];
  /** Another member of the target's cluster was seen to bring it what comes from the source's, which is another one. */
  #broughtByPeer = false;

  constructor(options: RouteFinderOptions) {
    this.#options = options;
    this.#mixed = new MixedDomain(options.target.name);
    this.#overlaps = new Overlaps(options.clock);
    this.#repointing = new Repointing(options.onRepointed);
  }

  /** One of the servers is another one now. */
  reset(): void {
    this.route = null;
    this.own = null;
    this.#broughtByPeer = false;
    this.#mixed.reset();
    this.#overlaps.reset();
  }

  /** Since when the channel reads from another server than the source, from which it once read. */
  get repointed(): Date | null {
    return this.#repointing.since;
  }

  /** See `Repointing`. */
  get readFrom(): string | null {
    return this.#repointing.readFrom;
  }

  /** It is the target that moved: the source is the server from which that once read. */
  get targetMoved(): boolean {
    return this.repointed !== null && this.#options.source.facts?.identity === this.readFrom;
  }

  /** See `Repointing`. */
  recall(repointed: Repointed): void {
    this.#repointing.recall(repointed);
  }

  /** Asks nothing of the samplers any more, which others go on with. */
  stop(): void {
    this.#options.sourceSampler.binlogFor.delete(this);
    this.#options.targetSampler.placesFor.delete(this);
  }

  find(channels: ChannelStatus[], at: Date): void {
    this.#channels = channels;
    const others = this.#others;
    const found = ownChannel(channels, this.#ofPair, this.#options.pair.channel, others);
    const own = this.#isForItsTurn(found.channel) && this.#throughCluster(none)?.kind ? none : found;
    if (own !== found) this.#broughtByPeer = true;
    this.#noticePeers();
    this.own = this.#groupMethod(own) ? none : own;
    const { channel } = this.own;
    this.movedWithinGroup = channel !== null && this.#isOfGroup(channel, others);
    const { source } = this.#options;
    this.#repointing.read({
      at,
      identity: source.facts?.identity ?? null,
      fromSource: this.own.direct || this.movedWithinGroup,
      isKnown: channel?.receiver === 'running' && source.connected,
    });
    this.#mixed.read(channels.length, channel && hasTwin(channel, channels) ? channel.sourceIdentity : null);
    this.#overlaps.read(channel, channels, this.#source);
    this.#set(this.own, channels);
  }

  /** The status may not be read. What was read of it once tells more than no status does. */
  findBlind(): void {
    if (this.route && !this.route.blind) return;
    const { source, target } = this.#options;
    const method = this.#gtidsAlone('applied');
    if (!method || !source.facts) return;
    const evidence = `${unseen(target)}; ${method.evidence}`;
    // Whatever lies in between may leave out domains.
    const alone = source.facts.wsrepGtid?.alone ?? null;
    const logs = target.facts?.logsApplied === true;
    this.route = { method: { ...method, evidence }, channel: null, direct: false, blind: true, alone, logs };
    this.#mustBeTwo();
  }

  /** At every look: servers fail over, and members leave and come back, between two readings of the status. */
  notice(channels: ChannelStatus[] | null): void {
    this.#mustBeTwo();
    if (!this.own) return;
    const areTwoAgain = this.route?.one && oneServer(this.#options.source, this.#options.target) === null;
    if (areTwoAgain) this.#set(this.own, channels);
    const { wsrepGtid } = this.#options.source.facts ?? {};
    if (this.route && !isDeepStrictEqual(wsrepGtid, this.#numbering)) this.#set(this.own, channels);
    const byPlace = this.#mixed.why !== null || this.#wasUnapplied !== null;
    const reordered = byPlace && this.#unordered(this.own) !== this.#wasUnordered;
    if (reordered || this.#unapplied(this.own) !== this.#wasUnapplied) this.#set(this.own, channels);
    if (this.#numberedOtherwise(this.own) !== this.#wasOtherwise) this.#set(this.own, channels);
    if (this.route?.channel && this.#isCut(this.own) !== this.route.cut) this.#set(this.own, channels);
    if (!this.route?.group) return;
    const now = this.#groupMethod(this.own);
    if (now?.evidence !== this.route.method.evidence) this.#set(this.own, channels);
  }

  /** In a domain of this pair's was something of others. */
  noticeForeign(channels: ChannelStatus[] | null): void {
    if (!this.own || (channels?.length ?? 0) < 2) return;
    if (this.#mixed.seen()) this.#set(this.own, channels);
  }

  /** A failover may make one of two servers between two readings of the status. */
  #mustBeTwo(): void {
    const evidence = oneServer(this.#options.source, this.#options.target);
    if (evidence !== null) this.route = { method: { kind: null, evidence }, channel: null, one: true };
  }

  #set(own: OwnChannel, channels: ChannelStatus[] | null): void {
    const { channel, direct } = own;
    this.#numbering = this.#options.source.facts?.wsrepGtid;
    this.#wasOtherwise = this.#numberedOtherwise(own);
    const alone = direct ? null : (this.#options.source.facts?.wsrepGtid?.alone ?? null);
    const group = this.#groupMethod(own);
    const through = group ? null : this.#throughCluster(own);
    if (group) this.route = { method: group, channel: null, group: true };
    else if (through) this.route = { method: through, channel: null, alone, throughCluster: true };
    else {
      const cut = this.#isCut(own);
      const method = this.#method(own, channels ?? []);
      this.route = { method, channel, direct, alone, cut, replicates: this.#channels.length > 0 };
    }
    this.#mustBeTwo();
    if (this.route.method.kind === 'file') {
      this.#options.sourceSampler.binlogFor.add(this);
      this.#options.targetSampler.placesFor.add(this);
    }
    if (this.route.cut || this.#mayBeUnapplied(own)) this.#options.targetSampler.placesFor.add(this);
  }

  /** Of Group Replication, all of whose members have one history; of others that are watched it is known. */
  #isOfGroup({ sourceIdentity }: ChannelStatus, others: Iterable<SourceOfPair>): boolean {
    const { membership } = this.#options.sourceSampler.latest ?? {};
    if (membership?.kind !== 'group-replication' || membership.group === '') return false;
    for (const { facts, group } of others) {
      if (facts?.uuid === sourceIdentity && group === membership.group) return true;
    }
    return false;
  }

  /** Null while not all is known that it takes. */
  #gtidsAlone(what: 'applied' | 'source'): PositionMethod | null {
    const { source, target, sourceSampler, targetSampler } = this.#options;
    const [wanted, applied] = [sourceSampler.latest?.gtid.source, targetSampler.latest?.gtid[what]];
    if (!source.facts || !target.facts || !wanted || !applied) return null;
    const { serverId, cluster, clusterName, wsrepGtid } = source.facts;
    let twins = false;
    for (const { facts } of this.#options.others()) {
      if (facts?.flavour === 'mysql' && isTwin(facts, source.facts)) twins = true;
      if (facts?.flavour !== 'mariadb' || facts.serverId !== serverId) continue;
      // Nodes that number alike are to have one, and one history.
      const alike = cluster === 'galera' && facts.cluster === cluster && facts.clusterName === clusterName;
      if (!(alike && wsrepGtid && facts.wsrepGtid?.cluster === wsrepGtid.cluster)) twins = true;
    }
    const of = (facts: ServerFacts, position: Position) => ({ facts, position });
    return gtidsAlone(of(source.facts, wanted), of(target.facts, applied), twins);
  }

  /** One member's channel brings to all what comes by it; null where the target has none of it, or is no member. */
  #throughCluster({ channel, ambiguous }: OwnChannel): PositionMethod | null {
    const { pair, target } = this.#options;
    if (channel || ambiguous || pair.channel !== null || !target.facts?.cluster) return null;
    const method = this.#gtidsAlone('source');
    // What comes by another one's channel comes, though nobody tells how far.
    if (!method?.kind) return this.#broughtByPeer ? method : null;
    return { ...method, evidence: `by ${target.facts.flavour === 'mysql' ? 'GTID sets' : 'GTIDs'} alone` };
  }

  /** A group that replicates has the channel on all its members, and the primary alone may run it. */
  #isForItsTurn(channel: ChannelStatus | null): boolean {
    const { membership } = this.#options.targetSampler.latest ?? {};
    if (membership?.role !== 'secondary' || membership.standing !== 'in' || !channel) return false;
    const { receiver, applier, receiverError, applierError } = channel;
    return receiver === 'stopped' && applier === 'stopped' && !receiverError && !applierError;
  }

  #noticePeers(): void {
    if (this.#broughtByPeer || !this.#areTwoClusters) return;
    const { target, groups, replicates } = this.#options;
    const peers = groups.members.peers(target.name).filter((name) => name !== target.name);
    if (peers.some(replicates)) this.#broughtByPeer = true;
  }

  /** The target is set up to be a member of a group, was never seen in one, and replicates. */
  get #isOnlySetUp(): boolean {
    const { target, targetSampler, groups } = this.#options;
    return targetSampler.latest?.membership?.standing === 'left' && !groups.members.isMember(target.name);
  }

  /** Two clusters, each with a name of its own: what comes from one to the other comes by a channel. */
  get #areTwoClusters(): boolean {
    const { source, target, groups } = this.#options;
    const [one, other] = [source, target].map(({ name }) => groups.members.membership(name));
    if (!one || !other || one.group === '' || other.group === '') return false;
    if (one.kind !== 'galera') return one.group !== other.group;
    if (source.facts?.clusterName === target.facts?.clusterName) return false;
    // A copy of a cluster has its history; and a node that was given another name while it runs is in its views still.
    return one.group !== other.group || !(names(one, other, target) || names(other, one, source));
  }

  /** Null where a channel is to tell: the configured one, one from the source itself, or one between two clusters. */
  #groupMethod({ direct, channel, ambiguous }: OwnChannel): PositionMethod | null {
    const { pair, source, target } = this.#options;
    if (pair.channel !== null || direct) return null;
    if (channel && this.#isOnlySetUp) return null;
    if (this.#areTwoClusters && (channel || ambiguous || this.#broughtByPeer)) return null;
    const { members } = this.#options.groups;
    const side = ({ name, facts }: Server) => {
      const judged = members.judge(name);
      const believed = judged === null || takesPart.has(judged.state);
      return { name, facts, membership: members.membership(name), doubt: believed ? null : judged.evidence };
    };
    const apart = members.apart(source.name, target.name) ?? this.#givenAgain;
    const method = groupMethod(side(source), side(target), apart);
    if (!method || method.kind === null || !this.#areTwoClusters) return method;
    const names = [source, target].map(({ name, facts }) => `${name} in ${facts?.clusterName}`).join(', ');
    return { kind: null, evidence: `they are members of two clusters that have one history: ${names}` };
  }

  /** Why the sets of two members say nothing of each other. */
  get #givenAgain(): string | null {
    const { pair, source, target, groups } = this.#options;
    if (source.facts?.cluster !== 'group-replication') return null;
    return groups.begunWithout.between(source.name, target.name, pair.name);
  }

  /** As of the last looks at both: appliers may be added between two readings of the status. */
  #unordered({ channel }: OwnChannel): string | null {
    const { sourceSampler, targetSampler } = this.#options;
    if (!channel) return null;
    const parallelWorkers = targetSampler.latest?.gtid.appliers ?? channel.parallelWorkers;
    return outOfOrder({ ...channel, parallelWorkers }, sourceSampler.latest?.gtid.source ?? null);
  }

  /** As of the last look at the source: it may begin to write in a domain between two readings of the status. */
  #unapplied({ channel }: OwnChannel): string | null {
    if (!channel) return null;
    const { received } = this.#options.targetSampler.latest ?? {};
    const overlaps = (name: string) =>
      this.#overlaps.mayWith(name, received?.get(name), channel, this.#source);
    return unappliedBy(channel, this.#channels, this.#source, overlaps);
  }

  /** Whether what other channels have received tells if the pair's GTIDs tell what the target applied. */
  #mayBeUnapplied({ channel }: OwnChannel): boolean {
    return channel !== null && unappliedBy(channel, this.#channels, this.#source, () => true) !== null;
  }

  /** Where it was at the last look. */
  get #source(): Position | null {
    return this.#options.sourceSampler.latest?.gtid.source ?? null;
  }

  /** What comes is another server's, and has the numbers of what the source writes. */
  get followsTwin(): boolean {
    return this.own !== null && this.#alike(this.own)?.isOthers === true;
  }

  /** What comes from another node has numbers that mean others on the source, though those of most nodes mean one. */
  get followsOtherwise(): boolean {
    return this.own?.channel?.receiver === 'running' && this.#numberedOtherwise(this.own) !== null;
  }

  /** What comes has the numbers of another node's binlog than what the source has, where each numbers by itself. */
  get followsOtherNumbers(): boolean {
    const { facts } = this.#options.source;
    const { channel, direct } = this.own ?? none;
    if (facts === null || direct || channel?.receiver !== 'running') return false;
    return numbersAlone(facts) ? this.#isOther(channel, facts) : this.#fromTwoNodes(channel) !== null;
  }

  /** Not the source by another address that leads there; and as a channel gets to it, it tells whom it read before. */
  #isOther(channel: ChannelStatus, facts: ServerFacts): boolean {
    const there = placeOf(channel);
    const { sourceIdentity } = channel;
    const { host, port } = this.#ofPair;
    if (there === `${host}:${port}` || there === facts.ownAddress) return false;
    if (sourceIdentity !== null && sourceIdentity !== facts.serverId) return true;
    const { view } = this.#options.sourceSampler.latest?.membership ?? {};
    return (
      view?.members.includes(there) || [...this.#others].some((each) => `${each.host}:${each.port}` === there)
    );
  }

  #alike({ channel }: OwnChannel): Alike | null {
    return channel && numberedAlike(channel, this.#ofPair, this.#others);
  }

  get #ofPair(): SourceOfPair {
    const { facts, state } = this.#options.source;
    return { facts, host: state.host, port: state.port };
  }

  get #others(): Iterable<SourceOfPair> {
    return { [Symbol.iterator]: () => this.#options.others()[Symbol.iterator]() };
  }

  #fromTwoNodes(channel: ChannelStatus): string | null {
    const { source, target, channelsOf } = this.#options;
    return fromTwoNodes({ source, target, channel }, channelsOf?.(source.name) ?? [], this.#others);
  }

  #numberedOtherwise(own: OwnChannel): string | null {
    return numberedOtherwise(this.#options.source.facts, own, this.#others);
  }

  #isCut({ channel, direct }: OwnChannel): boolean {
    if (!channel) return false;
    return (
      replicatedDomains(channel) !== '' ||
      (direct && logsLess(this.#options.sourceSampler.latest?.gtid.source ?? null))
    );
  }

  #method(own: OwnChannel, channels: ChannelStatus[]): PositionMethod {
    const { source, target } = this.#options;
    this.#wasUnordered = this.#unordered(own);
    this.#wasUnapplied = this.#unapplied(own);
    if (own.ambiguous) return { kind: null, evidence: ambiguity(source, target, channels) };
    if (!source.facts || !target.facts) return { kind: null, evidence: `${source.name}: ${source.evidence}` };
    return choosePositionMethod({
      source: source.facts,
      target: target.facts,
      mixed: this.#mixed.why,
      unapplied: this.#wasUnapplied,
      unordered: this.#wasUnordered,
      alike:
        this.#alike(own)?.why ??
        (own.channel && !own.direct ? this.#fromTwoNodes(own.channel) : null) ??
        this.#wasOtherwise,
      ...own,
    });
  }
}

function names({ view }: Membership, { address }: Membership, { state }: Server): boolean {
  return view?.members.includes(address ?? `${state.host}:${state.port}`) === true;
}

/** Of which a member's position counts. */
const takesPart = new Set<MemberStateName>(['in-group', 'donor', 'joining']);
