import type { Logger } from '@lockstep/checks';
import { type Audit, refusedSignIn } from '../../audit.ts';
import { unknownToken } from '../json-error.ts';
import { networkOf } from './client.ts';
import { forgetOldest } from './forget-oldest.ts';
import { Tries } from './tries.ts';

/** Wrong tokens that an address may try. */
const allowance = { atOnce: 20, oneMoreMs: 3_000 };
/** Addresses that are remembered; of more, those that tried longest ago are forgotten. */
const mostAddresses = 10_000;
/** How often one address is logged. */
const logEveryMs = 60_000;

interface Told {
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
  readonly #tries: Tries;
  readonly #told = new Map<string, Told>();

  constructor(log: Logger, audit: Pick<Audit, 'record'>, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#audit = audit;
    this.#now = now;
    this.#tries = new Tries(allowance, now);
  }

  /** Somebody gave a token that is not known. True when they have given too many. */
  wrong(address: string): boolean {
    this.#audit.record(refusedSignIn(address, unknownToken));
    this.#tell(address);
    return this.#tries.tried(address);
  }

  #tell(address: string): void {
    const network = networkOf(address);
    const told = this.#told.get(network) ?? { loggedAt: -Infinity, unlogged: 0 };
    told.unlogged++;
    this.#told.delete(network);
    this.#told.set(network, told);
    forgetOldest(this.#told, mostAddresses);
    if (this.#now() - told.loggedAt < logEveryMs) return;
    this.#log.warn({ address, times: told.unlogged }, 'somebody tried a token that is not known');
    told.loggedAt = this.#now();
    told.unlogged = 0;
  }
}
