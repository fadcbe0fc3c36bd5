import type { BrokenHistory } from '../model/broken-history.ts';

export interface OfPair {
  pair: string;
  /** The target's name. */
  target: string;
}

export interface BrokenPairsOptions {
  isConfigured: (pair: OfPair) => boolean;
  /** Two pairs that are configured have other servers, whatever their identities: a copy has those of its original. */
  haveOthers: (one: OfPair, other: OfPair) => boolean;
  /** What is to be kept of a target became another. */
  onKept: (target: string, broken: BrokenHistory[]) => void;
}

/**
 * What is remembered of pairs, also while one is watched anew. It is about two servers, whatever a pair of them is
 * called: what is known of a pair that is not configured any more is of the one that has the same two now, and one that
 * comes beside another is in the same doubt, until a run of its own tables ends it.
 */
export class BrokenPairs {
  readonly #options: BrokenPairsOptions;
  /** By the target's name and the pair's; null: it is over. */
  readonly #kept = new Map<string, Map<string, BrokenHistory | null>>();

  constructor(options: BrokenPairsOptions) {
    this.#options = options;
  }

  /** What an earlier process knew; what this one saw itself is newer. */
  recall(target: string, broken: readonly BrokenHistory[]): void {
    const kept = this.#of(target);
    for (const each of broken) if (!kept.has(each.pair)) kept.set(each.pair, each);
  }

  /** By its name. */
  get({ pair, target }: OfPair): BrokenHistory | null {
    const own = this.#kept.get(target)?.get(pair);
    return own && !own.over ? own : null;
  }

  set(of: OfPair, broken: BrokenHistory | null): void {
    const before = this.#kept.get(of.target)?.get(of.pair);
    if (broken === null && before?.over) return;
    this.#put(of, broken);
    if (broken !== null || !before) return;
    // The two are others than they were, whatever pair of them one asks.
    for (const same of this.#about(before)) {
      if (!this.#options.isConfigured(same.of)) this.#put(same.of, null);
    }
  }

  /** All tables of this pair match: of those of another pair between the two nobody knows. */
  prove(of: OfPair, broken: BrokenHistory): void {
    this.#put(of, { ...broken, over: true });
    const same = this.#about(broken);
    if (same.every(({ broken: { over } }) => over)) for (const { of } of same) this.#put(of, null);
  }

  /** What is known of these two, for a pair of which nothing is; `eitherWay`: they have it of each other. */
  inherit(of: OfPair, about: About, eitherWay: boolean): BrokenHistory | null {
    if (this.#kept.get(of.target)?.get(of.pair)) return null;
    const found = this.#about(about).find(
      (each) =>
        !each.broken.over &&
        (eitherWay || each.broken.source === about.source) &&
        !this.#options.haveOthers(each.of, of),
    );
    if (!found) return null;
    if (!this.#options.isConfigured(found.of)) this.#put(found.of, undefined);
    // What the one had tells nothing of the other.
    const had = found.broken.source === about.source ? found.broken.had : null;
    return { ...found.broken, ...about, had, pair: of.pair };
  }

  #put({ pair, target }: OfPair, broken: BrokenHistory | null | undefined): void {
    const kept = this.#of(target);
    if (broken === undefined) kept.delete(pair);
    else kept.set(pair, broken);
    this.#options.onKept(
      target,
      [...kept.values()].filter((each) => each !== null),
    );
  }

  #of(target: string): Map<string, BrokenHistory | null> {
    const kept = this.#kept.get(target) ?? new Map<string, BrokenHistory | null>();
    this.#kept.set(target, kept);
    return kept;
  }

  /** Of these two, whichever is the source. */
  #about({ source, target }: About): { of: OfPair; broken: BrokenHistory }[] {
    const isSame = (broken: About) =>
      (broken.source === source && broken.target === target) ||
      (broken.source === target && broken.target === source);
    return [...this.#kept].flatMap(([name, kept]) =>
      [...kept].flatMap(([pair, broken]) =>
        broken && isSame(broken) ? [{ of: { pair, target: name }, broken }] : [],
      ),
    );
  }
}

type About = Pick<BrokenHistory, 'source' | 'target'>;
