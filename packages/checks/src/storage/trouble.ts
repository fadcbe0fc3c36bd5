import type { Logger } from '../log.ts';
import { isOfCode, remedyOf } from './remedies.ts';
import { wordsOf } from './storage-error.ts';

/** What does not work at present; logged once when it begins, when it becomes another trouble, and when it ends. */
export class Trouble {
  readonly #what: string;
  readonly #log: Logger;
  #current: { words: string; since: Date; remedy: string } | null = null;

  /** `what` does not work, e.g. "history cannot be written". */
  constructor(what: string, log: Logger) {
    this.#what = what;
    this.#log = log;
  }

  /** One sentence with the database's own words; null when all is well. */
  get evidence(): string | null {
    if (this.#current === null) return null;
    const { words, since, remedy } = this.#current;
    return `${this.#what} since ${since.toISOString()}: ${words}${remedy}`;
  }

  begin(error: unknown, now: Date): void {
    const words = wordsOf(error);
    if (this.#current?.words === words) return;
    this.#current = { words, since: this.#current?.since ?? now, remedy: remedyInWords(error) };
    this.#log.error({ err: error }, `${this.#what}: ${words}; it is tried again`);
  }

  end(): void {
    if (this.#current === null) return;
    this.#log.info({ since: this.#current.since }, `over: ${this.#what}: ${this.#current.words}`);
    this.#current = null;
  }
}

/** A file that is open stays so, wherever it is moved. */
function remedyInWords(error: unknown): string {
  const remedy = remedyOf(error);
  if (remedy === null) return '';
  return `; ${remedy}${isOfCode(error, 11) ? ', and start Lockstep again' : ''}`;
}
