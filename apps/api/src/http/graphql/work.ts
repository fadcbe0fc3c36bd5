import { GraphQLError } from 'graphql';
import { turns } from '../turns.ts';

/** How long the event loop may work for one query, in milliseconds: many times what its price should take. */
const mostMs = 500;

/** The work for one query. Its price was reckoned before; this holds where the reckoning was wrong. */
export class Work {
  readonly #given = new AbortController();
  #spentMs = 0;
  #last: number | null = null;

  /** Aborted, with the error to answer with, when more was spent than a query may. */
  get signal(): AbortSignal {
    return this.#given.signal;
  }

  /** Is called again and again while there is work; what lies between two calls in one turn was spent. */
  spend(): void {
    const now = performance.now();
    if (this.#last !== null) this.#spentMs += now - this.#last;
    this.#last = now;
    if (this.#spentMs > mostMs && !this.signal.aborted) this.#given.abort(tooLong());
    this.signal.throwIfAborted();
  }

  /** Waits for another turn, which costs nothing. */
  async rest(): Promise<void> {
    this.spend();
    this.#last = null;
    await turns.next();
    this.#last = performance.now();
    this.signal.throwIfAborted();
  }
}

function tooLong(): GraphQLError {
  return new GraphQLError(
    `This asks for too much: it took more than ${mostMs} ms of work. Ask for less at a time.`,
    { extensions: { code: 'TOO_MUCH', limit: 'time', most: mostMs } },
  );
}
