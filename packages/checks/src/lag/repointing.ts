import type { RepointedPair } from '../model/repointed.ts';

export type Repointed = Omit<RepointedPair, 'pair'>;

/** One reading of where the pair's channel reads from. */
export interface Reading {
  at: Date;
  /** Of the source, as far as it is known. */
  identity: string | null;
  /** It reads from the source, or from another member of its group. */
  fromSource: boolean;
  /** It is connected to what it reads from, and Lockstep to the source: else neither's identity need be today's. */
  isKnown: boolean;
}

/** Notices when a target that read from its source was pointed to another server. */
export class Repointing {
  /** When that was first seen; null: it was not, or reads from its source again. */
  since: Date | null = null;
  /** Which server the source was when the channel was last seen to read from it. */
  readFrom: string | null = null;
  readonly #onChange: (repointed: Repointed | null) => void;
  #seenFromSource = false;
  /** What an earlier process knew of it. */
  #recalled: Repointed | null = null;

  /** `onChange`: what is to be remembered over restarts became another; null: nothing any more. */
  constructor(onChange: (repointed: Repointed | null) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** What an earlier process knew, or one before this watch of the pair; what this one sees itself is newer. */
  recall(repointed: Repointed): void {
    if (!this.#seenFromSource) this.#recalled = repointed;
  }

  read({ at, identity, fromSource, isKnown }: Reading): void {
    if (fromSource) {
      const wasElsewhere = this.since !== null || this.#recalled !== null;
      this.#seenFromSource = true;
      this.#recalled = null;
      this.readFrom = identity;
      this.since = null;
      if (wasElsewhere) this.#onChange(null);
      return;
    }
    const recalled = this.#recalled?.source === identity ? this.#recalled : null;
    if (!isKnown || this.since !== null || !(this.#seenFromSource || recalled)) return;
    this.since = recalled?.at ?? at;
    this.readFrom ??= recalled?.source ?? null;
    if (!recalled && this.readFrom !== null) this.#onChange({ source: this.readFrom, at });
  }
}
