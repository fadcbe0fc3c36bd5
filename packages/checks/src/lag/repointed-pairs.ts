import type { RepointedPair } from '../model/repointed.ts';
import type { OfPair } from './broken-pairs.ts';

export interface RepointedPairsOptions {
  isConfigured: (pair: OfPair) => boolean;
  /** What is to be kept of a target became another. */
  onKept: (target: string, repointed: RepointedPair[]) => void;
}

/** Which pairs' targets were pointed elsewhere, also while a pair is watched anew. */
export class RepointedPairs {
  readonly #options: RepointedPairsOptions;
  /** By the target's name and the pair's. */
  readonly #kept = new Map<string, Map<string, RepointedPair>>();

  constructor(options: RepointedPairsOptions) {
    this.#options = options;
  }

  /** What an earlier process knew; what this one saw itself is newer. */
  recall(target: string, repointed: readonly RepointedPair[]): void {
    const kept = this.#of(target);
    for (const each of repointed) if (!kept.has(each.pair)) kept.set(each.pair, each);
  }

  get({ pair, target }: OfPair): RepointedPair | null {
    return this.#kept.get(target)?.get(pair) ?? null;
  }

  /** Null: it reads from its source again. */
  set({ pair, target }: OfPair, repointed: Omit<RepointedPair, 'pair'> | null): void {
    const kept = this.#of(target);
    if (repointed) kept.set(pair, { pair, ...repointed });
    else kept.delete(pair);
    const known = [...kept.values()].filter((each) =>
      this.#options.isConfigured({ pair: each.pair, target }),
    );
    this.#options.onKept(target, known);
  }

  #of(target: string): Map<string, RepointedPair> {
    const kept = this.#kept.get(target) ?? new Map<string, RepointedPair>();
    this.#kept.set(target, kept);
    return kept;
  }
}
