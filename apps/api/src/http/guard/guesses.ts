import type { Logger } from '@lockstep/checks';
import { type Audit, refusedSignIn } from '../../audit.ts';
import { unknownToken } from '../json-error.ts';
import { networkOf } from './client.ts';

/** Wrong tokens that an address may try at once, and how long it takes until it may try one more. */
const atOnce = 20;
const oneMoreMs = 3_000;
/** Addresses that are remembered; of more, those that tried longest ago are forgotten. */
const mostAddresses = 10_000;
/** How often one address is logged. */
const logEveryMs = 60_000;

interface Guesser {
  /** How many it tried, less those that were forgiven meanwhile. */
  tried: number;
  at: number;
  loggedAt: number;
  unlogged: number;
}

/**
 * Wrong tokens, by the address that they come from: logged with it, in few lines however many they are, and past a
 * limit refused for that. A right token is never refused: whoever guesses costs nobody else anything.
 */
export class Guesses {
  readonly #log: Logger;
  readonly #audit: Pick<Audit, 'record'>;
  readonly #now: () => number;
  readonly #guessers = new Map<string, Guesser>();

  constructor(log: Logger, audit: Pick<Audit, 'record'>, now: () => number = Date.now) {
    this.#log = log;
    this.#audit = audit;
    this.#now = now;
  }

  /** Somebody gave a token that is not known. True when they have given too many. */
  wrong(address: string): boolean {
    this.#audit.record(refusedSignIn(address, unknownToken));
    const network = networkOf(address);
    const now = this.#now();
    const known = this.#guessers.get(network);
    const forgiven = known ? (now - known.at) / oneMoreMs : 0;
    const guesser: Guesser = {
      tried: Math.min(atOnce, Math.max(0, (known?.tried ?? 0) - forgiven)) + 1,
      at: now,
      loggedAt: known?.loggedAt ?? -Infinity,
      unlogged: (known?.unlogged ?? 0) + 1,
    };
    this.#tell(address, guesser);
    this.#guessers.delete(network);
    this.#guessers.set(network, guesser);
    for (const oldest of this.#guessers.keys()) {
      if (this.#guessers.size <= mostAddresses) break;
      this.#guessers.delete(oldest);
    }
    return guesser.tried > atOnce;
  }

  #tell(address: string, guesser: Guesser): void {
    if (guesser.at - guesser.loggedAt < logEveryMs) return;
    this.#log.warn({ address, times: guesser.unlogged }, 'somebody tried a token that is not known');
    guesser.loggedAt = guesser.at;
    guesser.unlogged = 0;
  }
}
