import { setTimeout as delay } from 'node:timers/promises';
import { ServerFault } from './sql-server.ts';

interface Asked<Question, Answer> {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

export interface GatheringOptions<Question, Answer> {
  /** Answers all of them, in their order. */
  ask: (questions: Question[]) => Promise<Answer[]>;
  /** So many at most go into one statement. */
  most: number;
  /** How long to wait for others to ask. */
  lingerMs?: () => number;
}

/**
 * Puts what is asked at the same time as one question. What is asked while one is on its way waits for the next, so an
 * answer is never older than its question. Where all fail together each is asked again alone, for the fault of one
 * table is not the others'.
 */
export class Gathering<Question, Answer> {
  readonly #options: GatheringOptions<Question, Answer>;
  readonly #waiting: Asked<Question, Answer>[] = [];
  #asking = false;

  constructor(options: GatheringOptions<Question, Answer>) {
    this.#options = options;
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (!this.#asking) void this.#askAll();
    });
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    try {
      while (this.#waiting.length > 0) {
        const lingerMs = this.#options.lingerMs?.() ?? 0;
        if (lingerMs > 0) await delay(lingerMs);
        await this.#askSome(this.#waiting.splice(0, this.#options.most));
      }
    } finally {
      this.#asking = false;
    }
  }

  async #askSome(asked: Asked<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.ask(asked.map(({ question }) => question));
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i]!);
    } catch (error) {
      if (asked.length > 1 && ofOne(error)) for (const each of asked) await this.#askSome([each]);
      else for (const { reject } of asked) reject(error);
    }
  }
}

/** It may be what was asked, and not the server or the link. */
function ofOne(error: unknown): boolean {
  return error instanceof ServerFault && error.kind !== 'connection' && error.kind !== 'cancelled';
}
