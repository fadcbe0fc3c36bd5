import { historyMs } from '@lockstep/checks';
import { GraphQLError } from 'graphql';
import { turns } from '../../turns.ts';

/** How long the processor may work for one query, in milliseconds: several times what its price should take. */
const mostMs = 800;

/** The work for one query. Its price was reckoned before; this holds where the reckoning was wrong. */
export class Work {
  readonly #given = new AbortController();
  readonly #client: string;
  #spentMs = 0;
  /** The processor time when this query went to work; null while it waits. */
  #since: number | null = processorMs();

  /** `client`: whose it is. */
  constructor(client: string) {
    this.#client = client;
  }

  /** Aborted, with the error to answer with, when more was spent than a query may. */
  get signal(): AbortSignal {
    return this.#given.signal;
  }

  /** Waits for another turn. */
  rest(): Promise<void> {
    return this.aside(turns.next(this.#client));
  }

  /** Waits for something, which costs nothing. Rejects when what was done so far was too much. */
  async aside<Value>(wait: Promise<Value>): Promise<Value> {
    if (this.#since !== null) this.#spentMs += processorMs() - this.#since;
    this.#since = null;
    // Not within whatever is being answered: of what was begun beside it the library would forget to wait.
    if (this.#spentMs > mostMs) queueMicrotask(() => this.#given.abort(tooLong()));
    try {
      return await wait;
    } finally {
      this.#since ??= processorMs();
      this.signal.throwIfAborted();
    }
  }
}

/**
 * Of this thread, and of the history's on what it was asked, for which this one waits. Not by the clock: on a busy
 * machine a query is no dearer for the time in which others had the processor.
 */
function processorMs(): number {
  const ofThread = process.threadCpuUsage?.();
  // The whole process's has that of the history in it.
  const { user, system } = ofThread ?? process.cpuUsage();
  return (user + system) / 1_000 + (ofThread ? historyMs() : 0);
}

function tooLong(): GraphQLError {
  return new GraphQLError(
    `This asks for too much: it took more than ${mostMs} ms of work. Ask for less at a time.`,
    { extensions: { code: 'TOO_MUCH', limit: 'time', most: mostMs } },
  );
}
