import { isDeepStrictEqual } from 'node:util';
import type { BrokenHistory } from '../model/broken-history.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { parseMariadbGtidList } from '../position/mariadb-gtid-list.ts';
import { numbersAlone } from '../position/other-binlog.ts';
import type { Position } from '../position/position.ts';
import type { Server } from '../server/server.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { type Errant, findAlone, findErrant } from './errant.ts';
import type { GroupWatch } from './group-watch.ts';
import { hasMore, type Inherited, KnownBroken } from './known-broken.ts';
import { LookBack } from './look-back.ts';
import { type LostNumbers, NumbersHad } from './lost-numbers.ts';
import { MissedOutside } from './missed-outside.ts';
import type { PositionSample } from './position-sample.ts';
import type { PositionSampler } from './position-sampler.ts';
import type { Route } from './replica-lag-monitor.ts';
import { sourceLostHistory } from './source-loss.ts';
import { TwoHalves } from './two-halves.ts';

export interface TwoHistoriesOptions {
  source: Server;
  target: Server;
  sourceSampler: PositionSampler;
  targetSampler: PositionSampler;
  groups: GroupWatch;
  /** Whether a server is known to have a channel, by its name. */
  replicates: (server: string) => boolean;
  /** Servers that may write on the target. */
  knownOrigins: readonly string[];
  /** How the pair is compared at present. */
  way: () => Way;
  pair: { name: string };
  /** What is to be remembered over restarts became another; null: nothing any more. */
  onBroken?: (broken: BrokenHistory | null) => void;
  inherited?: Inherited;
}

export interface Way {
  route: Route | null;
  /** All of the target's; null while the status may not or could not be read. */
  channels: ChannelStatus[] | null;
  own: ChannelStatus | null;
}

/** What only the target has of both histories: what it wrote itself, and what the source lost. */
export class TwoHistories {
  errant: Errant | null = null;
  readonly #options: TwoHistoriesOptions;
  readonly #lookBack = new LookBack();
  /** The server ids of those in whose place the source is. */
  readonly #former = new Set<string>();
  /** The target's first sample, until the source is seen to have all that is in it, or histories were compared. */
  #first: PositionSample | 'had' | null = null;
  /** The target's last sample before the source's newest answer, and its last one. */
  #before: PositionSample | null = null;
  #last: PositionSample | null = null;
  /** What the target had applied, and the source in its binlog, when it was last seen to have lost none of it. */
  #held: { applied: Position; history: string } | null = null;
  readonly #known: KnownBroken;
  readonly #numbersHad = new NumbersHad();
  readonly #halves: TwoHalves;
  readonly #outside: MissedOutside;
  /** Of what is seen now. */
  #doubt: string | null = null;
  /** That it was seen to read from another node, and not from the source since. */
  #followed: BrokenHistory | null = null;
  /** What the target had when it was first seen to number as it does, as a node of Galera. */
  #began: { numbering: ServerFacts['wsrepGtid']; history: string } | null = null;

  constructor(options: TwoHistoriesOptions) {
    this.#options = options;
    this.#known = new KnownBroken(options);
    const { members, begunBelow, begunWithout } = options.groups;
    this.#halves = new TwoHalves({ ...options, members, begunBelow, begunWithout });
    this.#outside = new MissedOutside(options);
  }

  /** Why positions cannot be believed at present; null when they can. */
  get doubt(): string | null {
    return this.#doubt ?? this.broken?.why ?? null;
  }

  /** The same object for as long as it is the same that broke. */
  get broken(): BrokenHistory | null {
    return this.#known.broken;
  }

  /** What a comparison of all tables that begins now may prove to be over; null for nothing. */
  get provable(): BrokenHistory | null {
    const { broken } = this;
    const { sourceSampler, targetSampler, way } = this.#options;
    const { route } = way();
    if (!broken || !route || !this.#halves.areTogether(route)) return null;
    if (route.group) return broken;
    if (route.method.kind === null) return null;
    // As long as the source has not come to them again, the numbers that the target had will be given to other changes.
    const [now, then] = [sourceSampler.latest, this.#before ?? targetSampler.latest];
    if (!now || !then || sourceSampler.fault || targetSampler.fault) return null;
    return this.#lost(then, now) ? null : broken;
  }

  /** All was compared, from when on this was provable, and found to match. */
  prove(broken: BrokenHistory): boolean {
    if (broken !== this.broken) return false;
    if (this.#doubt === broken.why) this.#doubt = null;
    this.#numbersHad.reset();
    const { source, target, groups, pair } = this.#options;
    groups.begunWithout.settle(source.name, target.name, pair.name);
    groups.begunBelow.settle(source.name, target.name, pair.name);
    this.#halves.settled();
    this.#lookBack.reset();
    this.#known.end();
    return true;
  }

  /** What an earlier process knew, which this one may know better. */
  recall(broken: BrokenHistory): void {
    this.#known.recall(broken);
  }

  /** See `KnownBroken`. */
  inheritAnew(): void {
    this.#known.inheritAnew();
  }

  /** One of the servers is another one now; `former`: the source before this one. */
  reset(former: ServerFacts | null = null): void {
    if (former) this.#former.add(former.serverId);
    this.errant = null;
    this.#lookBack.reset();
    this.#halves.reset();
    this.#first = null;
    this.#before = null;
    this.#last = null;
    this.#held = null;
    this.#began = null;
    this.#followed = null;
    this.#doubt = null;
    this.#known.end();
  }

  /** Asks nothing of the samplers any more, which others go on with. */
  stop(): void {
    this.#options.sourceSampler.suspects.delete(this);
  }

  /**
   * The source does not have any more what it had before, so numbers may mean other transactions than they did: nothing
   * is believed until both histories, as they are from now on, were compared.
   */
  sourceWentBack(): void {
    const { source, target, sourceSampler, targetSampler, way } = this.#options;
    if (way().route?.group) return;
    this.#lookBack.reset();
    this.#first = 'had';
    this.#doubt = `${source.name} does not have any more what it had before: its history was reset or restored; whether ${target.name} has the same is not known yet`;
    const [now, then] = [sourceSampler.latest, targetSampler.latest];
    if (!now || !then) return;
    const why = source.facts && numbersAlone(source.facts) ? numbersOthers(source, target) : null;
    if (this.#lost(then, now)) this.#known.outlive(then);
    else if (why !== null) this.#known.outlive(then, why);
  }

  /** Another is in the source's place that has its identity, and ran beside it: both gave their numbers to changes. */
  sourceCopied(): void {
    const { source, target, targetSampler, way } = this.#options;
    const then = targetSampler.latest;
    if (!then || way().route?.group || this.#known.applied(then)?.kind === 'file') return;
    this.#lookBack.reset();
    this.#first = 'had';
    this.#known.outlive(then, wasCopied(source, target));
    this.#doubt = this.broken?.why ?? null;
  }

  /** The target reads from another server of the source's name: the numbers that it has may be that one's for good. */
  followedTwin(): void {
    this.#followedOther(readElsewhere);
  }

  /**
   * The target reads from a node that numbers otherwise than the source. Higher numbers than the source's stay until it
   * gets the next ones by those of all.
   */
  followedOtherwise(): void {
    const { source, target, sourceSampler } = this.#options;
    const domain = source.facts?.wsrepGtid?.cluster;
    const [then, now] = [this.#before, sourceSampler.latest];
    if (domain === undefined || !then || !now || this.broken) return;
    const newestIn = ({ text }: Position) => parseMariadbGtidList(text).get(domain)?.sequence ?? 0n;
    if (newestIn(then.gtid.applied) <= newestIn(now.gtid.source)) return;
    this.#known.outlive(then, readOtherwise(source, target));
  }

  /**
   * Whether what comes has the numbers of another node's binlog than what the source has, though each node numbers by
   * itself. They stay, and mean others once both have those of one node; of a source that is a node itself, and was not
   * read from before all nodes number alike, nothing came by them.
   */
  noticeNumbers(areOthers: boolean, direct: boolean): void {
    const { facts } = this.#options.source;
    if (areOthers) {
      if (this.broken) return;
      this.#followedOther(readOtherNumbers);
      this.#followed = facts?.cluster ? this.broken : null;
      return;
    }
    if (direct) this.#followed = null;
    if (this.#followed === null || facts === null || numbersAlone(facts)) return;
    if (this.#followed === this.broken) this.#known.end();
    this.#followed = null;
  }

  /** The source's name leads to another node than the one that the target read from by that name. */
  sourceIsOtherNode(): void {
    this.#followedOther(readOtherNumbers);
  }

  #followedOther(why: typeof readElsewhere): void {
    const { source, target, targetSampler } = this.#options;
    const then = targetSampler.latest;
    if (then && !this.broken) this.#known.outlive(then, why(source, target));
  }

  /** At every look at the target. */
  notice(sample: PositionSample): void {
    if (this.#known.notice(sample)) this.#lookBack.reset();
    this.#noticeLostBefore(sample);
    this.#noticeLostSince(sample);
    this.#noticeGivenAgain(sample);
    const { way, sourceSampler } = this.#options;
    const { route } = way();
    const source = sourceSampler.latest?.gtid.source ?? null;
    const missed = this.#outside.notice(route, sample, source);
    const why = this.#halves.notice(route) ?? missed;
    if (why !== null) this.#known.wereApart(sample, why);
    this.#known.tell();
  }

  /** Looks for transactions that only the target has: its own, or those that the source lost. */
  compare(): Errant | null {
    const { source, target, sourceSampler, targetSampler, way } = this.#options;
    const [now, latest] = [sourceSampler.latest, targetSampler.latest];
    if (!now || !latest || !source.facts || !target.facts) return null;
    if (sourceSampler.fault || targetSampler.fault) return null;
    const { route } = way();
    if (route?.group) return this.#writtenAlone(latest);
    const asked = (route?.method.kind === 'file' && now.binlog) || now;
    const then = this.#lookBack.look(latest, asked);
    if (!then) return this.errant;
    const found = this.#surplus(then, now);
    // What it is not committing it does not begin to commit while the target has it.
    const seen = new Set(['', this.errant?.text]);
    const ahead = source.facts.flavour === 'mysql' && (found.lost || !seen.has(found.errant?.text ?? ''));
    if (ahead) sourceSampler.suspects.add(this);
    else sourceSampler.suspects.delete(this);
    // The next look tells what the source is committing.
    if (ahead && now.inFlight == null) return this.errant;
    const { lost, errant } = ahead ? this.#surplus(then, withInFlight(now)) : found;
    this.#first = 'had';
    // The source's numbers will come to what it lost, and mean something else then.
    if (lost && !this.#known.outlived) this.#known.outlive(then);
    const why = this.#known.outlived?.why ?? (lost ? hasMore(source, target) : null);
    this.#doubt = why ?? this.#known.givenAgain?.why ?? null;
    return (this.errant = errant);
  }

  /** Until histories were compared for the first time, what the source may have lost before must not be believed. */
  #noticeLostBefore(sample: PositionSample): void {
    const { source, target, sourceSampler, way } = this.#options;
    const { route } = way();
    if (this.#first === 'had' || (route?.method.kind ?? null) === null) return;
    this.#first ??= sample;
    const now = sourceSampler.latest;
    if (!now) return;
    const lost = route?.group !== true && this.#lost(this.#first, now);
    if (!lost) this.#first = 'had';
    this.#doubt = lost
      ? `${target.name} has transactions that ${source.name} does not show: whether they are on their way to it, or its history was reset or restored, is not known yet`
      : null;
  }

  /**
   * MariaDB names a writer by a number that servers may share, 1 by default: who was pointed to another server of it
   * may have more of "the source" than that ever wrote; and a domain that the source deleted may be begun anew. A
   * binlog's state hides nothing, so one look at it that is newer than the target's tells.
   */
  #noticeLostSince(sample: PositionSample): void {
    const { source, target, sourceSampler, way } = this.#options;
    const now = sourceSampler.latest;
    if (this.#last && now && now.sentAt >= this.#last.receivedAt) this.#before = this.#last;
    this.#last = sample;
    if (this.#first !== 'had' || this.#doubt !== null || way().route?.method.kind !== 'mariadb-gtid') return;
    const then = this.#before;
    if (!then || !now || now.sentAt < then.receivedAt) return;
    const { applied } = then.gtid;
    const { history } = now.gtid;
    if (this.#held?.applied === applied && this.#held.history === history) return;
    this.#held = { applied, history };
    if (!this.#lost(then, now)) return;
    this.#known.outlive(then);
    this.#doubt = hasMore(source, target);
  }

  /**
   * That a node has less than the target says nothing, for it may be behind the others: what its cluster does not have
   * any more is seen of all nodes, when it is begun anew.
   */
  #noticeGivenAgain(sample: PositionSample): void {
    const before = this.#known.givenAgain;
    const lost = this.#lostToOthers(sample);
    if (lost === undefined) return;
    this.#known.isGivenAgain(lost);
    if (lost) this.#first = 'had';
    if (this.#known.outlived) return;
    if (lost) this.#doubt = lost.why;
    else if (before?.why === this.#doubt) this.#doubt = null;
  }

  /** Undefined where no numbers of a cluster's tell. */
  #lostToOthers(sample: PositionSample): { had: Position; why: string } | null | undefined {
    const { source, target, groups, way, pair } = this.#options;
    const kind = way().route?.method.kind;
    const applied = this.#known.applied(sample);
    if (source.facts?.cluster === 'group-replication') {
      const why = groups.begunWithout.between(source.name, target.name, pair.name);
      return why === null ? null : { had: applied ?? sample.gtid.applied, why };
    }
    if (!source.facts?.wsrepGtid || kind !== 'mariadb-gtid') return undefined;
    const identity = target.facts?.identity ?? '';
    if (this.#known.isSetUpAnewSince(sample)) this.#numbersHad.reset();
    const look = applied && { applied, at: sample.receivedAt };
    const lost = this.#numbersHad.notice(look, identity, source.name, groups.begunAnew);
    return lost && { had: lost.applied, why: givenAgain(source, target, lost) };
  }

  /** What one member has and the other has not is on its way, but for what was written on the target alone. */
  #writtenAlone(latest: PositionSample): Errant | null {
    const { target, groups } = this.#options;
    const state = groups.members.judge(target.name)?.state ?? 'unknown';
    const others = groups.otherHistories(target.name);
    // One that left its group is the likeliest to have been written alone.
    if (state === 'unknown' || state === 'joining' || others.length === 0 || !target.facts) {
      return this.errant;
    }
    return (this.errant = findAlone(latest.gtid.history, others, target.facts, this.#hadBefore(latest)));
  }

  #hadBefore({ gtid }: PositionSample): string {
    const numbering = this.#options.target.facts?.wsrepGtid;
    if (!this.#began || !isDeepStrictEqual(this.#began.numbering, numbering)) {
      this.#began = { numbering, history: gtid.history };
    }
    return this.#began.history;
  }

  /**
   * What only the target has: of the source's own, or of others. Of a source without GTIDs every transaction may have
   * got one from the target (ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS), under whose name nobody tells those apart.
   */
  #surplus(then: PositionSample, now: PositionSample): { lost: boolean; errant: Errant | null } {
    const { source, target, knownOrigins, way } = this.#options;
    const { channels, own } = way();
    const others = (channels ?? []).filter((channel) => channel !== own);
    const errant =
      target.facts && source.facts?.flavour === target.facts.flavour && !writesWithout(now)
        ? findErrant(then.gtid.history, historyOf(now), target.facts, others, {
            knownOrigins,
            group: now.membership?.group ?? '',
            formerSources: this.#former,
          })
        : null;
    return { lost: this.#lost(then, now), errant };
  }

  #lost(then: PositionSample, now: PositionSample): boolean {
    const { facts } = this.#options.source;
    const { route, channels } = this.#options.way();
    const kind = route?.method.kind ?? null;
    // One without a binary log tells nothing of what it had.
    if (!facts?.binlog || !route || kind === null) return false;
    return sourceLostHistory(then, now, facts, kind, route, channels?.length === 1);
  }
}

function wasCopied(source: Server, target: Server): string {
  return `${source.name} is another server than before, a copy that ran beside it: both gave the same numbers to changes of their own, and what ${target.name} has by them may be the other one's, until it is set up anew or all tables were compared`;
}

function readElsewhere(source: Server, target: Server): string {
  return `${target.name} was seen to read from another server that has the name of ${source.name}, and gives its own changes the same numbers: what ${target.name} has by them may be that one's, until it is set up anew or all tables were compared`;
}

function readOtherNumbers(source: Server, target: Server): string {
  return `${target.name} was seen to read by the numbers of another node than ${source.name}, and each node of their Galera cluster numbers its binlog by itself: what ${target.name} has by them says nothing of the numbers of ${source.name}, and it may lack changes, until it is set up anew or all tables were compared`;
}

function readOtherwise(source: Server, target: Server): string {
  return `${target.name} was seen to read from a node whose changes had other numbers than on ${source.name}: what ${target.name} has by them says nothing of the numbers of ${source.name}, and it may lack changes, until it gets the next ones by their own numbers, is set up anew, or all tables were compared`;
}

function numbersOthers(source: Server, target: Server): string {
  return `the binlog of ${source.name} is another one than before, as after a full copy of another node, which numbers by itself: what ${target.name} has by the numbers before says nothing of these, and it may lack changes, until it is set up anew`;
}

function givenAgain(source: Server, target: Server, { domain, had, from }: LostNumbers): string {
  return `the cluster of ${source.name} was begun anew without changes that ${target.name} has, and gives their numbers to others: it went on from number ${from} of domain ${domain}, and ${target.name} had ${had}; their positions say nothing until ${target.name} is set up anew`;
}

/** As of this very look, for that can be changed while the server runs. */
function writesWithout({ gtid: { source } }: PositionSample): boolean {
  return source.kind === 'mysql-gtid' && source.mode?.startsWith('OFF') === true;
}

/**
 * What a source applied and does not log it has, too (MariaDB), and what a member has received from its group it will
 * have, whoever wrote that: a group may be a replica itself.
 */
function historyOf({ gtid: { history, applied }, membership }: PositionSample): string {
  const besides = applied.kind === 'mariadb-gtid' ? applied.text : membership?.received?.text;
  return [history, besides].filter(Boolean).join(',');
}

/** What the source sent and still commits is neither lost nor errant. */
function withInFlight(sample: PositionSample): PositionSample {
  const { gtid, inFlight } = sample;
  return { ...sample, gtid: { ...gtid, history: [gtid.history, inFlight].filter(Boolean).join(',') } };
}
