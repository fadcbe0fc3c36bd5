import { type Logger, silent } from './log.ts';

/** What an error that nobody expected has struck; neither: Lockstep itself. */
export interface Struck {
  pair?: string;
  server?: string;
}

/** An error that nobody expected, as often as it happened lately. */
export interface Mishap {
  struck: Struck;
  /** What could not be done, e.g. `judging lag`. */
  what: string;
  /** The error's own words. */
  words: string;
  times: number;
  since: Date;
  last: Date;
}

/** Nothing of it happened again for so long: it is over, … */
export const overAfterMs = 600_000;
/** … and said to be over for so long. */
const forgottenAfterMs = 2 * overAfterMs;
/** Of more kinds at once, the later ones are only logged. */
const maxKinds = 100;
/** What goes on happening is logged this often. */
const logEveryMs = 60_000;

/**
 * Errors that nobody expected. Each costs the smallest thing around it, a reading, a message, a rule on one pair, and
 * is told: it is logged with its cause, and is an alert of its own. Whatever begins by itself (a timer, an event)
 * ends here.
 */
export class Mishaps {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #known = new Map<string, Mishap & { loggedAt: number }>();

  constructor({ log = silent, now = Date.now }: { log?: Logger; now?: () => number } = {}) {
    this.#log = log;
    this.#now = now;
  }

  /** Never throws. */
  happened(what: string, error: unknown, struck: Struck = {}): void {
    const at = this.#now();
    const words = error instanceof Error ? error.message : String(error);
    const key = JSON.stringify([what, struck.pair ?? null, struck.server ?? null]);
    this.#notLaterThan(at);
    const known = this.#known.get(key);
    const times = (known?.times ?? 0) + 1;
    const loud = !known || known.words !== words || at - known.loggedAt >= logEveryMs;
    if (loud) {
      const again = times > 1 ? ` (${times} times)` : '';
      this.#log.error({ err: error, ...struck }, `unexpected error in ${what}: ${words}${again}`);
    }
    if (!known && this.#known.size >= maxKinds) return;
    this.#known.set(key, {
      struck,
      what,
      words,
      times,
      since: known?.since ?? new Date(at),
      last: new Date(at),
      loggedAt: loud ? at : (known?.loggedAt ?? at),
    });
  }

  /** Does the work; an error ends here, and the answer is undefined then. */
  guard<T>(what: string, work: () => T, struck: Struck = {}): T | undefined {
    try {
      return work();
    } catch (error) {
      this.happened(what, error, struck);
      return undefined;
    }
  }

  /** Those of late, those that are just over among them. */
  recent(): Mishap[] {
    const at = this.#now();
    this.#notLaterThan(at);
    for (const [key, { last }] of this.#known) {
      if (at - last.getTime() > forgottenAfterMs) this.#known.delete(key);
    }
    return [...this.#known.values()];
  }

  /** What lies in the future was before the clock was set back: it counts as of now. */
  #notLaterThan(at: number): void {
    for (const known of this.#known.values()) {
      if (known.last.getTime() <= at) continue;
      known.last = new Date(at);
      known.since = new Date(Math.min(at, known.since.getTime()));
      known.loggedAt = Math.min(at, known.loggedAt);
    }
  }
}
