import { GraphQLError } from 'graphql';
import { turns } from '../../turns.ts';

/** How long the processor may work for one query, in milliseconds: several times what its price should take. */
const mostMs = 800;

/** The work for one query. Its price was reckoned before; this holds where the reckoning was wrong. */
export class Work {
  readonly #given = new AbortController();
  #spentMs = 0;
  /** The thread's processor time when this query went to work; null while it waits. */
  #since: number | null = processorMs();

  /** Aborted, with the error to answer with, when more was spent than a query may. */
  get signal(): AbortSignal {
    return this.#given.signal;
  }

  /** Waits for another turn. */
  rest(): Promise<void> {
    return this.aside(turns.next());
  }

  /** Waits for something, which costs nothing. Rejects when what was done so far was too much. */
  async aside<Value>(wait: Promise<Value>): Promise<Value> {
    if (this.#since !== null) this.#spentMs += processorMs() - this.#since;
    this.#since = null;
    if (this.#spentMs > mostMs) this.#given.abort(tooLong());
    try {
      return await wait;
    } finally {
      this.#since ??= processorMs();
      this.signal.throwIfAborted();
    }
  }
}

/** Not by the clock: on a busy machine a query is no dearer for the time in which others had the processor. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1_000;
}

function tooLong(): GraphQLError {
  return new GraphQLError(
    `This asks for too much: it took more than ${mostMs} ms of work. Ask for less at a time.`,
    { extensions: { code: 'TOO_MUCH', limit: 'time', most: mostMs } },
  );
}
