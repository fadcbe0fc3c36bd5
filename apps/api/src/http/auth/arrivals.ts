import { forgetOldest } from '../guard/forget-oldest.ts';

/** Somebody who opens the page again after so long has come anew. */
const stayMs = 60 * 60_000;
const mostRemembered = 1_000;

/** Who came, where no sign-in of ours tells it: a proxy names them with each request. */
export class Arrivals {
  readonly #seen = new Map<string, number>();

  /** Asked each time that somebody opens the page. */
  isNew(who: string): boolean {
    const before = this.#seen.get(who) ?? -Infinity;
    this.#seen.delete(who);
    this.#seen.set(who, performance.now());
    forgetOldest(this.#seen, mostRemembered);
    return performance.now() - before >= stayMs;
  }
}
