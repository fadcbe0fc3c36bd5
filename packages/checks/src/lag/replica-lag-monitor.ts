import type { LagSample } from '../model/lag.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { countMissing, isForeign, relate } from '../position/contains.ts';
import { resolutionMs } from '../position/lag-bounds.ts';
import { type Position, type PositionKind, shortened } from '../position/position.ts';
import type { PositionMethod } from '../position/position-method.ts';
import { replicatedDomains, replicatedPart, withDomains, withOwner } from '../position/replicated-part.ts';
import { onlyUnheardOf, whyOpen } from '../position/why-open.ts';
import type { Clock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { wallAt } from '../time/wall-at.ts';
import { GoneBack } from './gone-back.ts';
import type { GroupWatch } from './group-watch.ts';
import { type LoggedByNobody, onlyLogged } from './logged-by-nobody.ts';
import { type LagRange, measureLag } from './measure-lag.ts';
import type { PositionSample } from './position-sample.ts';
import type { SourceWatermarks } from './source-watermarks.ts';

export interface ReplicaLagMonitorOptions {
  pair: string;
  /** Server names. */
  source: string;
  target: string;
  watermarks: SourceWatermarks;
  /** Without an answer of the source for longer than this the lag is unknown. */
  staleMs: number;
  /** How much longer it may be silent about its place in its binlog, for it is asked for that less often. */
  binlogPauseMs?: () => number;
  clock: Clock;
  /** Why the source does not tell its position, if it does not. */
  sourceTrouble: (kind: PositionKind) => string | null;
  /** Why positions cannot be believed at present; null when they can. */
  doubt: () => string | null;
  /** The same of two members of a cluster: what has one number on both may be two changes. Absent: never. */
  broken?: () => string | null;
  /** Whether numbers of the source's binlog may mean something else to a target that is at this position. */
  readIn?: (applied: Position) => boolean;
  /** How long nobody was asked since then, in ms, for this process was held up. */
  heldUpSince?: (at: number) => number;
  /** What the source gave a number, and nobody logged. */
  nobodys?: () => LoggedByNobody | null;
  /** Of two members of one cluster. */
  group?: OfGroup;
}

export type OfGroup = Pick<GroupWatch, 'behind' | 'silence'>;

/** How the pair's positions are to be compared, as the replication status says. */
export interface Route {
  method: PositionMethod;
  channel: ChannelStatus | null;
  /** The channel reads from the source itself. */
  direct?: boolean;
  /** The domain of what the source wrote for itself alone, which does not come by this way; null or absent: none. */
  alone?: string | null;
  /** Of what the source has a part does not come by this channel, as it is made. */
  cut?: boolean;
  /** Another member of the target's cluster has the channel. */
  throughCluster?: boolean;
  /** The target had channels when its status was read last, be none of them known to be the pair's. */
  replicates?: boolean;
  /** Made without the replication status, which the account may not read. */
  blind?: boolean;
  /** Made so, of a target that logs what it applies. */
  logs?: boolean;
  /** Both are members of one cluster, or cannot be told not to be: no channel lies between them. */
  group?: boolean;
  /** Both names led to one server when it was made. */
  one?: boolean;
}

/** A sample but for whose it is, and when. */
type Said = Omit<LagSample, 'pair' | 'at' | 'serverLagMs'>;

/** What of a pair's position the last sample was made from. */
export interface Measured {
  range: LagRange;
  applied: Position;
}

/** Turns looks at a target into lag samples of one pair. */
export class ReplicaLagMonitor {
  latest: LagSample | null = null;
  /** Null while the lag is unknown. */
  measured: Measured | null = null;
  /** In a domain of its source's the target held what is not of the source's history: others have written it, too. */
  foreign = false;
  readonly #back = new GoneBack();
  #before: PositionSample | null = null;
  /** What the target had when it showed all that it has. */
  #shown: string | null = null;
  readonly #options: ReplicaLagMonitorOptions;
  #route: Route | null = null;
  #lastKnown: { sample: LagSample; at: number } | null = null;
  #behind: { applied: Position; newest: Position; count: number | null } | null = null;

  constructor(options: ReplicaLagMonitorOptions) {
    this.#options = options;
  }

  /** Null: not known yet. */
  set route(route: Route | null) {
    this.#route = route;
  }

  /** One of the servers is another one now. */
  forget(): void {
    this.latest = null;
    this.measured = null;
    this.foreign = false;
    this.#back.forget();
    this.#before = null;
    this.#shown = null;
    this.#route = null;
    this.#lastKnown = null;
    this.#behind = null;
  }

  /** What the target had and has no more; null while it lacks nothing that it had. */
  get lost(): string | null {
    return this.#back.lost;
  }

  /**
   * Looks for what others write, however positions are compared at present. At the look before, since what the source
   * has got from others meanwhile is of its history as well.
   */
  noticeForeign(sample: PositionSample): void {
    const { newest } = this.#options.watermarks.ring('mariadb-gtid');
    const before = this.#before;
    if (!newest || (before && newest.lastSentAt < before.receivedAt)) return;
    const sharesDomain = before !== null && isForeign(before.gtid.applied, this.#replicated(newest.position));
    this.foreign = sharesDomain || this.#options.readIn?.(sample.gtid.applied) === true;
    this.#before = sample;
  }

  /** The target answered. */
  sample(sample: PositionSample): LagSample {
    const said = this.#measure(sample);
    // It is true of when the answer came, however long this process was held up since.
    return this.#done(said, wallAt(this.#options.clock, sample.receivedAt));
  }

  /** The target did not answer. */
  fault(fault: Error): LagSample {
    return this.#done(this.#unknown(fault.message), this.#options.clock.wall());
  }

  #measure(sample: PositionSample): Said {
    const { watermarks, source } = this.#options;
    const kind = this.#route?.method.kind ?? null;
    watermarks.noticeClock();
    if (!this.#route) return this.#unknown('the replication status was not read yet');
    if (kind === null) return this.#unknown(this.#route.method.evidence);
    if (this.#route.group) return this.#behindGroup(sample);
    const doubt = this.#options.doubt();
    if (doubt) return this.#unknown(doubt);
    const silence = this.#sourceSilence(kind, sample);
    if (silence) return this.#unknown(silence);
    const applied = appliedIn(sample, kind, this.#route);
    if (!applied) return this.#unknown('the position in the source’s binlog is not known yet');
    const unshown = this.#route.throughCluster ? (sample.membership?.unshown ?? 0) : 0;
    if (unshown === 0) this.#shown = applied.text;
    else if (this.#shown !== applied.text) return this.#unknown(notShown(this.#options.target, unshown));
    const ring = watermarks.ring(kind);
    const newest = ring.newest && this.#replicated(ring.newest.position);
    const untold = newest && (this.#nothingToTell(ring.newest.position) ?? this.#untold(applied, newest));
    if (untold) return this.#unknown(untold);
    const relation = (wanted: Position) => relate(applied, this.#replicated(wanted), newest ?? wanted);
    const range = measureLag(
      ring,
      { position: applied, sentAt: sample.sentAt, receivedAt: sample.receivedAt },
      (wanted) => relation(wanted) === 'has',
      (wanted) => relation(wanted) === 'lacks',
    );
    if (!range) return this.#unknown(`the position of ${source} is not known yet`);
    this.#back.see(kind === 'mysql-gtid' ? sample.gtid.applied : null, range.missing === null);
    this.measured = { range, applied };
    return range.atMostMs === null
      ? this.#estimate(range, applied)
      : this.#known(range, range.atMostMs, applied);
  }

  /** A member lags behind what any member had, for its source may be the one that is late. */
  #behindGroup(sample: PositionSample): Said {
    const { source, target, group, sourceTrouble } = this.#options;
    const outside = sample.membership?.outside ?? null;
    if (outside !== null) return this.#unknown(`${target}: ${outside}`);
    const broken = this.#options.broken?.() ?? null;
    if (broken !== null) return this.#unknown(broken);
    const silence = group?.silence(source, sample.receivedAt) ?? null;
    if (silence) {
      const { silentMs } = silence;
      const silent = silentMs === Infinity ? `${source} was not asked yet` : this.#silent(silentMs, sample);
      return this.#unknown(sourceTrouble('galera') ?? silent);
    }
    const behind = group?.behind(target) ?? null;
    if (!behind) return this.#unknown(`the position of ${target} in its cluster is not known yet`);
    const { range, applied, holder } = behind;
    const { lagMs, atMostMs } = range;
    if (atMostMs === null && lagMs < 1) return this.#unknown(justBegun);
    this.measured = { range, applied };
    const many = count(behind.behind);
    const measured = {
      lagMs,
      uncertaintyMs: atMostMs === null ? null : atMostMs - lagMs,
      method: atMostMs === null ? ('estimate' as const) : ('gtid' as const),
      transactionsBehind: behind.behind,
    };
    if (holder === null) {
      const ago = formatDuration(atMostMs ?? 0);
      return { ...measured, evidence: `has all changes that its cluster had up to ${ago} ago` };
    }
    const had = holder === target ? 'received itself' : `that ${holder} had`;
    const evidence =
      atMostMs === null
        ? `estimate: ${target} lacks changes ${had}, at least ${formatDuration(lagMs)} old; what is missing is older than this watch${many}`
        : `${target} lacks changes ${had}, the oldest ${formatDuration(lagMs)} to ${formatDuration(atMostMs)} old${many}`;
    return { ...measured, ...(atMostMs === null && { atLeastMs: lagMs }), evidence };
  }

  /** Why the source's position is too old to say anything; null when it is not. */
  #sourceSilence(kind: PositionKind, sample: PositionSample): string | null {
    const { watermarks, staleMs, binlogPauseMs, source, sourceTrouble } = this.#options;
    const { newest } = watermarks.ring(kind);
    if (!newest) return sourceTrouble(kind) ?? `${source} was not asked yet`;
    const silentMs = sample.receivedAt - newest.lastSentAt;
    const pauseMs = kind === 'file' ? (binlogPauseMs?.() ?? 0) : 0;
    if (silentMs <= staleMs + pauseMs) return null;
    return sourceTrouble(kind) ?? this.#silent(silentMs, sample, pauseMs);
  }

  /** Nobody is silent in time in which nobody was asked. */
  #silent(silentMs: number, { receivedAt }: PositionSample, pauseMs = 0): string {
    const { source, staleMs, heldUpSince } = this.#options;
    const heldUpMs = heldUpSince?.(receivedAt - silentMs) ?? 0;
    const askedMs = silentMs - heldUpMs;
    if (askedMs > staleMs + pauseMs) return `${source} has not answered for ${formatDuration(askedMs)}`;
    return `nobody was asked for ${formatDuration(heldUpMs)}, in which Lockstep was held up`;
  }

  /** Everybody has all of a source without GTIDs, be it another that the name leads to now. Null where it has some. */
  #nothingToTell({ kind, text }: Position): string | null {
    const { source, target } = this.#options;
    if (kind === 'file' || text !== '' || this.#route?.direct !== false) return null;
    return `${source} has no GTIDs yet, and ${target} does not read from it itself: whether it would get what ${source} writes cannot be told`;
  }

  /** Why the target's position does not tell whether it has what the source has now; null when it tells. */
  #untold(applied: Position, newest: Position): string | null {
    const { source, target } = this.#options;
    const relation = relate(applied, newest);
    if (relation === 'has') return null;
    // A source sends every domain that it has; through others a domain may be left out on the way.
    const leftOut = relation === 'lacks' && this.#route?.direct === false && onlyUnheardOf(applied, newest);
    if (relation === 'lacks' && !leftOut) return null;
    return `${source} is at ${shortened(newest.text)}, and of ${target}: ${whyOpen(applied, newest)}`;
  }

  #known(range: LagRange, atMostMs: number, applied: Position): Said {
    const { source } = this.#options;
    const behind = this.#transactionsBehind(range, applied);
    const { lagMs } = range;
    const evidence =
      range.missing === null
        ? `has all changes of ${source} up to ${formatDuration(atMostMs)} ago${this.#butFor()}`
        : `the oldest change of ${source} that is missing is ${formatDuration(lagMs)} to ${formatDuration(atMostMs)} old${count(behind)}${this.#beside(lagMs, atMostMs)}${this.#since()}`;
    return {
      lagMs,
      uncertaintyMs: atMostMs - lagMs,
      method: applied.kind === 'file' ? 'file' : 'gtid',
      transactionsBehind: behind,
      evidence,
    };
  }

  /** Of domains that its channel leaves out it has nothing to have, be it all that there are. */
  #butFor(): string {
    const channel = this.#route?.channel;
    const domains = channel ? replicatedDomains(channel) : '';
    return domains === '' ? '' : `, but for what its channel leaves out (${domains})`;
  }

  #since(): string {
    return this.lost === null ? '' : `; of ${this.#options.target}: ${this.lost}`;
  }

  /** What the target says itself, for a person, where little is known. */
  #beside(lagMs: number, atMostMs: number): string {
    const own = this.#serverLagMs;
    if (own === null || own <= lagMs || atMostMs - lagMs <= resolutionMs) return '';
    return `; the target's own figure is ${formatDuration(own)}`;
  }

  /**
   * What is missing is older than the watch: how much, only the target's own figure may tell. It is no bound, for it is
   * by other clocks and was true when the status was read.
   */
  #estimate(range: LagRange, applied: Position): Said {
    const serverLagMs = this.#serverLagMs;
    const lagMs = Math.max(range.lagMs, serverLagMs ?? 0);
    if (lagMs < 1) return this.#unknown(justBegun);
    const behind = this.#transactionsBehind(range, applied);
    const watched = formatDuration(range.lagMs);
    const evidence =
      serverLagMs !== null && serverLagMs > range.lagMs
        ? `estimate: the target's own figure is ${formatDuration(serverLagMs)}; at least ${watched}, for what is missing is older than this watch${count(behind)}${this.#since()}`
        : `estimate: at least ${watched}; what is missing is older than this watch${count(behind)}${this.#since()}`;
    return {
      lagMs,
      atLeastMs: range.lagMs,
      uncertaintyMs: null,
      method: 'estimate',
      transactionsBehind: behind,
      evidence,
    };
  }

  #unknown(reason: string): Said {
    const { clock } = this.#options;
    this.measured = null;
    const last = this.#lastKnown;
    const lastKnown = last
      ? `; last known ${formatDuration(last.sample.lagMs ?? 0)}, ${formatDuration(clock.now() - last.at)} ago`
      : '';
    return {
      lagMs: null,
      uncertaintyMs: null,
      method: 'none',
      transactionsBehind: null,
      evidence: `lag unknown: ${reason}${lastKnown}`,
    };
  }

  #done(said: Said, at: Date): LagSample {
    const { pair, clock } = this.#options;
    const sample = { pair, at, serverLagMs: this.#serverLagMs, ...said };
    this.latest = sample;
    if (sample.lagMs !== null) this.#lastKnown = { sample, at: clock.now() };
    return sample;
  }

  get #serverLagMs(): number | null {
    return this.#route?.channel?.serverLagMs ?? null;
  }

  #replicated(wanted: Position): Position {
    return this.#route ? partByRoute(wanted, this.#route, this.#options.nobodys) : wanted;
  }

  #transactionsBehind(range: LagRange, applied: Position): number | null {
    const newest = this.#options.watermarks.ring(applied.kind).newest?.position;
    if (!newest) return null;
    if (range.missing === null) return applied.kind === 'file' ? null : 0;
    if (this.#behind?.applied !== applied || this.#behind.newest !== newest) {
      const missing = countMissing(applied, this.#replicated(newest));
      this.#behind = { applied, newest, count: missing === null ? null : Number(missing) };
    }
    return this.#behind.count;
  }
}

/** The part of a source's position that comes to the target. */
export function partByRoute(
  wanted: Position,
  { channel, direct, alone }: Route,
  nobodys?: () => LoggedByNobody | null,
): Position {
  if (alone == null) return channel ? replicatedPart(wanted, channel, direct) : wanted;
  return replicatedPart(onlyLogged(wanted, nobodys?.() ?? null), channel ?? { filters: [] }, direct, alone);
}

/** How far the target is, in positions of a kind. */
export function appliedIn(
  { places, domains, owners, membership, gtid }: PositionSample,
  kind: PositionKind,
  { channel, cut, throughCluster, logs }: Pick<Route, 'channel' | 'cut' | 'throughCluster' | 'logs'>,
): Position | null {
  if (kind === 'file') return places?.get(channel?.name ?? '') ?? null;
  if (kind === 'galera') return membership?.position ?? null;
  // What came by another member's channel is in the member's binlog, and not always among what it applied.
  if (throughCluster) return gtid.source;
  if (logs && gtid.applied.kind === 'mariadb-gtid') return { ...gtid.applied, unseen: true };
  if (!channel || (cut !== true && replicatedDomains(channel) === '')) return gtid.applied;
  const owner = cut === true ? owners?.get(channel.name) : undefined;
  return withOwner(withDomains(gtid.applied, domains?.get(channel.name)), owner);
}

function notShown(target: string, commits: number): string {
  const wait = commits === 1 ? 'a commit waits' : `${commits} commits wait`;
  return `${target} does not show all of its binlog yet: ${wait} for another replica to acknowledge`;
}

/** Something is missing, and nothing is known of its age: 0 is said only where it is proved. */
const justBegun = 'what is missing is older than this watch, which has only just begun';

const thousands = new Intl.NumberFormat('en');

function count(transactions: number | null): string {
  if (transactions === null) return '';
  return `; ${thousands.format(transactions)} ${transactions === 1 ? 'transaction' : 'transactions'} behind`;
}
