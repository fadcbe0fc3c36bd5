import type { BrokenHistory } from '../model/broken-history.ts';
import { mayGoOnFrom, relate } from '../position/contains.ts';
import type { Position } from '../position/position.ts';
import type { Server } from '../server/server.ts';
import type { PositionSample } from './position-sample.ts';
import { appliedIn } from './replica-lag-monitor.ts';
import type { Way } from './two-histories.ts';

/** What is known of two servers by another pair of them; `eitherWay`: they have it of each other. */
export type Inherited = (
  about: Pick<BrokenHistory, 'source' | 'target'>,
  eitherWay: boolean,
) => BrokenHistory | null;

export interface KnownBrokenOptions {
  source: Server;
  target: Server;
  /** How the pair is compared at present. */
  way: () => Way;
  pair: { name: string };
  /** What is to be remembered over restarts became another; null: nothing any more. */
  onBroken?: (broken: BrokenHistory | null) => void;
  inherited?: Inherited;
}

/** What was seen to break, and what the target had then. */
interface BrokenHere {
  had: Position;
  broken: BrokenHistory;
}

/** What of a pair is known to be broken, until it is known to be over. */
export class KnownBroken {
  readonly #options: KnownBrokenOptions;
  /** What the target had, and which server it was, when the source was seen to have lost it. */
  #outlived: BrokenHere | null = null;
  /** The same of a source that is a node, and whose cluster was begun anew without that. */
  #givenAgain: BrokenHere | null = null;
  /** Both have what was written in two halves of one cluster, as was seen last. */
  #apart: { had: Position | null; broken: BrokenHistory } | null = null;
  /** What an earlier process knew. */
  #recalled: BrokenHistory | null = null;
  #told: BrokenHistory | null = null;
  #hasInherited = false;

  constructor(options: KnownBrokenOptions) {
    this.#options = options;
  }

  /** The same object for as long as it is the same that broke. */
  get broken(): BrokenHistory | null {
    return this.#outlived?.broken ?? this.#givenAgain?.broken ?? this.#apart?.broken ?? this.#recalled;
  }

  get outlived(): BrokenHistory | null {
    return this.#outlived?.broken ?? null;
  }

  get givenAgain(): BrokenHistory | null {
    return this.#givenAgain?.broken ?? null;
  }

  /** What an earlier process knew, which this one may know better. */
  recall(broken: BrokenHistory): void {
    if (this.broken) return;
    this.#recalled = broken;
    this.#told = broken;
  }

  /** More is known of others than when that was asked for. */
  inheritAnew(): void {
    this.#hasInherited = false;
  }

  /** All of it is over. */
  end(): void {
    this.#outlived = null;
    this.#givenAgain = null;
    this.#apart = null;
    this.#recalled = null;
    this.tell();
  }

  /** Places in a binlog tell anew that the source lost what the target has, or mean nothing to another process. */
  tell(): void {
    const { broken } = this;
    const isPlace = broken !== null && broken.had === null && broken === this.#outlived?.broken;
    const kept = isPlace ? null : broken;
    if (kept === this.#told) return;
    this.#told = kept;
    this.#options.onBroken?.(kept);
  }

  /** The target has what the source lost, and is not believed until it is set up anew. */
  outlive(then: PositionSample, why = hasMore(this.#options.source, this.#options.target)): void {
    const had = this.applied(then);
    if (!had) return;
    this.#outlived = { had, broken: this.#broken(why, had) };
    this.tell();
  }

  /** The same as before where it is the same. */
  isGivenAgain(lost: { had: Position; why: string } | null): void {
    const before = this.#givenAgain;
    const isSame = before !== null && before.broken.why === lost?.why;
    this.#givenAgain = lost && {
      had: lost.had,
      broken: isSame ? before.broken : this.#broken(lost.why, lost.had),
    };
  }

  /** Another object each time: what was compared before says nothing of what each half wrote since. */
  wereApart(sample: PositionSample, why: string): void {
    const had = this.#options.way().route?.group ? null : this.applied(sample);
    this.#apart = { had, broken: this.#broken(why, had) };
  }

  /** What is over by a look at the target; true where that is what the source lost. */
  notice(sample: PositionSample): boolean {
    this.#inherit();
    this.#noticeRecalledIsOver(sample);
    const { had = null, broken } = this.#apart ?? {};
    // For a moment only it may have less than it had.
    if (had && broken && this.#isSetUpAnew(sample, { had, broken })) this.#apart = null;
    if (!this.#outlived || !this.#isSetUpAnew(sample, this.#outlived)) return false;
    this.#outlived = null;
    return true;
  }

  /** Since its source's cluster was seen to be begun anew. */
  isSetUpAnewSince(sample: PositionSample): boolean {
    return this.#givenAgain !== null && this.#isSetUpAnew(sample, this.#givenAgain);
  }

  applied(sample: PositionSample): Position | null {
    const { method, ...route } = this.#options.way().route ?? { channel: null };
    // Of what it had, no matter which domains it leaves out since.
    return appliedIn({ ...sample, domains: null }, method?.kind ?? 'mysql-gtid', { ...route, cut: false });
  }

  /** Once, as soon as it is known who the two are. */
  #inherit(): void {
    const { source, target, way, inherited } = this.#options;
    const { route } = way();
    if (this.#hasInherited || !source.facts || !target.facts || !route) return;
    this.#hasInherited = true;
    if (this.broken) return;
    const about = { source: source.facts.identity, target: target.facts.identity };
    this.#recalled = inherited?.(about, route.group === true) ?? null;
  }

  #noticeRecalledIsOver(sample: PositionSample): void {
    const recalled = this.#recalled;
    if (!recalled) return;
    const { source, target, way } = this.#options;
    const isOther = ({ facts }: Server, identity: string) => facts !== null && facts.identity !== identity;
    const { had } = recalled;
    const sameKind = had !== null && way().route !== null && this.applied(sample)?.kind === had.kind;
    const isAnew = sameKind && this.#isSetUpAnew(sample, { had, broken: recalled });
    if (isOther(source, recalled.source) || isOther(target, recalled.target) || isAnew) this.#recalled = null;
  }

  #broken(why: string, had: Position | null): BrokenHistory {
    const { pair, source, target } = this.#options;
    const printed = had?.kind === 'mysql-gtid' || had?.kind === 'mariadb-gtid' ? had : null;
    return {
      pair: pair.name,
      why,
      had: printed && { kind: printed.kind, text: printed.text },
      source: source.facts?.identity ?? '',
      target: target.facts?.identity ?? '',
    };
  }

  /** The target has no longer what it had either, or has what is of another history. */
  #isSetUpAnew(sample: PositionSample, { had, broken }: BrokenHere): boolean {
    const { target, way } = this.#options;
    if (target.facts?.identity !== broken.target) return true;
    const applied = this.applied(sample);
    if (!applied) return false;
    const relation = relate(applied, had);
    // It reads elsewhere, or has changes without GTIDs: whether it still has that is not told.
    if (relation === 'unknown' && applied.kind !== 'mariadb-gtid') return false;
    if (relation === 'unknown' && mayGoOnFrom(applied, had)) return false;
    return relation === 'lacks' || (relation === 'unknown' && way().channels?.length === 1);
  }
}

export function hasMore(source: Server, target: Server): string {
  return `${target.name} has transactions of ${source.name} that ${source.name} itself does not have: its history was reset or restored`;
}
