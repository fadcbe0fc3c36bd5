import { isDeepStrictEqual } from 'node:util';
import type { ChannelStatus } from '../model/replication.ts';
import { relate } from '../position/contains.ts';
import type { Position } from '../position/position.ts';
import type { Server } from '../server/server.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { type Errant, findAlone, findErrant } from './errant.ts';
import type { GroupWatch } from './group-watch.ts';
import { LookBack } from './look-back.ts';
import { type LostNumbers, NumbersHad } from './lost-numbers.ts';
import type { PositionSample } from './position-sample.ts';
import type { PositionSampler } from './position-sampler.ts';
import { appliedIn, type Route } from './replica-lag-monitor.ts';
import { sourceLostHistory } from './source-loss.ts';

export interface TwoHistoriesOptions {
  source: Server;
  target: Server;
  sourceSampler: PositionSampler;
  targetSampler: PositionSampler;
  groups: GroupWatch;
  /** Servers that may write on the target. */
  knownOrigins: readonly string[];
  /** How the pair is compared at present. */
  way: () => Way;
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
  /** Why positions cannot be believed at present; null when they can. */
  doubt: string | null = null;
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
  /** What the target had, and which server it was, when the source was seen to have lost it. */
  #outlived: { had: Position; identity: string } | null = null;
  /** The same of a source that is a node, and whose cluster was begun anew without that. */
  #givenAgain: { had: Position; why: string } | null = null;
  readonly #numbersHad = new NumbersHad();
  /** What the target had when it was first seen to number as it does, as a node of Galera. */
  #began: { numbering: ServerFacts['wsrepGtid']; history: string } | null = null;

  constructor(options: TwoHistoriesOptions) {
    this.#options = options;
  }

  /** One of the servers is another one now; `former`: the source before this one. */
  reset(former: ServerFacts | null = null): void {
    if (former) this.#former.add(former.serverId);
    this.errant = null;
    this.#lookBack.reset();
    this.#outlived = null;
    this.#givenAgain = null;
    this.#first = null;
    this.#before = null;
    this.#last = null;
    this.#held = null;
    this.#began = null;
    this.doubt = null;
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
    this.doubt = `${source.name} does not have any more what it had before: its history was reset or restored; whether ${target.name} has the same is not known yet`;
    const [now, then] = [sourceSampler.latest, targetSampler.latest];
    if (now && then && this.#lost(then, now)) this.#outlive(then);
  }

  /** The target has what the source lost, and is not believed until it is set up anew. */
  #outlive(then: PositionSample): void {
    const had = this.#applied(then);
    if (had) this.#outlived = { had, identity: this.#options.target.facts?.identity ?? '' };
  }

  /** At every look at the target. */
  notice(sample: PositionSample): void {
    this.#noticeSetUpAnew(sample);
    this.#noticeLostBefore(sample);
    this.#noticeLostSince(sample);
    this.#noticeGivenAgain(sample);
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
    if (lost && !this.#outlived) this.#outlive(then);
    this.doubt = lost || this.#outlived ? hasMore(source, target) : (this.#givenAgain?.why ?? null);
    return (this.errant = errant);
  }

  /** Since for a moment only it may have less than it had. */
  #noticeSetUpAnew(sample: PositionSample): void {
    if (!this.#outlived || !this.#isSetUpAnew(sample, this.#outlived)) return;
    this.#outlived = null;
    this.#lookBack.reset();
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
    this.doubt = lost
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
    if (this.#first !== 'had' || this.doubt !== null || way().route?.method.kind !== 'mariadb-gtid') return;
    const then = this.#before;
    if (!then || !now || now.sentAt < then.receivedAt) return;
    const { applied } = then.gtid;
    const { history } = now.gtid;
    if (this.#held?.applied === applied && this.#held.history === history) return;
    this.#held = { applied, history };
    if (!this.#lost(then, now)) return;
    this.#outlive(then);
    this.doubt = hasMore(source, target);
  }

  /**
   * That a node has less than the target says nothing, for it may be behind the others: what its cluster does not have
   * any more is seen of all nodes, when it is begun anew.
   */
  #noticeGivenAgain(sample: PositionSample): void {
    const { source, target, groups, way } = this.#options;
    const { route } = way();
    if (!source.facts?.wsrepGtid || route?.method.kind !== 'mariadb-gtid') return;
    const before = this.#givenAgain;
    const identity = target.facts?.identity ?? '';
    if (before && this.#isSetUpAnew(sample, { ...before, identity })) this.#numbersHad.reset();
    const applied = this.#applied(sample);
    const look = applied && { applied, at: sample.receivedAt };
    const lost = this.#numbersHad.notice(look, identity, source.name, groups.begunAnew);
    this.#givenAgain = lost && { had: lost.applied, why: givenAgain(source, target, lost) };
    if (lost) this.#first = 'had';
    if (this.#outlived) return;
    if (this.#givenAgain) this.doubt = this.#givenAgain.why;
    else if (before?.why === this.doubt) this.doubt = null;
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

  /** The target has no longer what it had either, or has what is of another history. */
  #isSetUpAnew(sample: PositionSample, { had, identity }: { had: Position; identity: string }): boolean {
    const { target, way } = this.#options;
    if (target.facts?.identity !== identity) return true;
    const applied = this.#applied(sample);
    if (!applied) return false;
    const relation = relate(applied, had);
    // It reads elsewhere, or has changes without GTIDs: whether it still has that is not told.
    if (relation === 'unknown' && applied.kind !== 'mariadb-gtid') return false;
    return relation === 'lacks' || (relation === 'unknown' && way().channels?.length === 1);
  }

  #lost(then: PositionSample, now: PositionSample): boolean {
    const { facts } = this.#options.source;
    const { route, channels } = this.#options.way();
    const kind = route?.method.kind ?? null;
    // One without a binary log tells nothing of what it had.
    if (!facts?.binlog || !route || kind === null) return false;
    return sourceLostHistory(then, now, facts, kind, route, channels?.length === 1);
  }

  #applied(sample: PositionSample): Position | null {
    const { method, ...route } = this.#options.way().route ?? { channel: null };
    // Of what it had, no matter which domains it leaves out since.
    return appliedIn({ ...sample, domains: null }, method?.kind ?? 'mysql-gtid', { ...route, cut: false });
  }
}

function hasMore(source: Server, target: Server): string {
  return `${target.name} has transactions of ${source.name} that ${source.name} itself does not have: its history was reset or restored`;
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
