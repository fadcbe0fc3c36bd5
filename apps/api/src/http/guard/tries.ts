import { networkOf } from './client.ts';
import { forgetOldest } from './forget-oldest.ts';

/** Addresses that are remembered; of more, those that tried longest ago are forgotten. */
const mostAddresses = 10_000;

/** How many an address may try at once, and how long it takes until it may try one more. */
interface Allowance {
  atOnce: number;
  oneMoreMs: number;
}

/** What strangers try, by the network that they come from. */
export class Tries {
  readonly #allowance: Allowance;
  readonly #now: () => number;
  readonly #known = new Map<string, { tried: number; at: number }>();

  /** `now`: in ms; monotonic, for a clock that is set back would have everybody have tried too often. */
  constructor(allowance: Allowance, now: () => number = () => performance.now()) {
    this.#allowance = allowance;
    this.#now = now;
  }

  /** Counts one more; true when they have tried too often. */
  tried(address: string): boolean {
    const { atOnce } = this.#allowance;
    const tried = Math.min(atOnce, this.#left(address)) + 1;
    this.#known.delete(networkOf(address));
    this.#known.set(networkOf(address), { tried, at: this.#now() });
    forgetOldest(this.#known, mostAddresses);
    return tried > atOnce;
  }

  /** The last one was none: it came to what it should. */
  forgive(address: string): void {
    const known = this.#known.get(networkOf(address));
    if (known) known.tried = Math.max(0, known.tried - 1);
  }

  /** Those that were tried, less those that were forgiven meanwhile. */
  #left(address: string): number {
    const known = this.#known.get(networkOf(address));
    if (!known) return 0;
    return Math.max(0, known.tried - (this.#now() - known.at) / this.#allowance.oneMoreMs);
  }
}
