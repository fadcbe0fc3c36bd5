import type { Logger } from '../log.ts';
import { wordsOf } from './storage-error.ts';

/** What does not work at present; logged once when it begins, when it becomes another trouble, and when it ends. */
export class Trouble {
  readonly #what: string;
  readonly #log: Logger;
  #current: { words: string; since: Date } | null = null;

  /** `what` does not work, e.g. "history cannot be written". */
  constructor(what: string, log: Logger) {
    this.#what = what;
    this.#log = log;
  }

  /** One sentence with the database's own words; null when all is well. */
  get evidence(): string | null {
    return (
      this.#current && `${this.#what} since ${this.#current.since.toISOString()}: ${this.#current.words}`
    );
  }

  begin(error: unknown, now: Date): void {
    const words = wordsOf(error);
    if (this.#current?.words === words) return;
    this.#current = { words, since: this.#current?.since ?? now };
    this.#log.error({ err: error }, `${this.#what}: ${words}; it is tried again`);
  }

  end(): void {
    if (this.#current === null) return;
    this.#log.info({ since: this.#current.since }, `over: ${this.#what}: ${this.#current.words}`);
    this.#current = null;
  }
}
