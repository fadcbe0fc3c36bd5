import { addAbortListener } from 'node:events';

/** Dear queries that are answered at the same time: more would only each take longer, and hold more memory. */
const atWork = 2;
/** Those of one client that may wait behind its first. */
const mayWait = 100;

interface Client {
  /** One of its queries is at work. */
  busy: boolean;
  waiting: (() => void)[];
}

/**
 * Lets dear queries in, a few at a time and one of each client; who waits goes by turns of clients, so that nobody's
 * many keep another's one away. A client is whatever the key says.
 */
export class LargeQueries {
  readonly #clients = new Map<string, Client>();
  #busy = 0;

  /** Resolves with what ends the stay; with null where too many wait already, and for who has gone. */
  async enter(key: string, gone?: AbortSignal): Promise<(() => void) | null> {
    if (gone?.aborted) return null;
    const client = this.#clients.get(key) ?? { busy: false, waiting: [] };
    this.#clients.set(key, client);
    if (client.waiting.length >= mayWait) return null;
    const admitted = this.#turnOf(client, gone);
    this.#next();
    if (!(await admitted)) {
      if (!client.busy && client.waiting.length === 0 && this.#clients.get(key) === client) {
        this.#clients.delete(key);
      }
      return null;
    }
    return () => {
      client.busy = false;
      this.#busy--;
      // Its turn comes again when everybody else had theirs.
      this.#clients.delete(key);
      if (client.waiting.length > 0) this.#clients.set(key, client);
      this.#next();
    };
  }

  /** False once nobody waits for it any more: what they asked stays in memory for as long as they wait. */
  #turnOf({ waiting }: Client, gone: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      function leave(): void {
        waiting.splice(waiting.indexOf(admit), 1);
        resolve(false);
      }
      const listening = gone && addAbortListener(gone, leave);
      const admit = () => {
        listening?.[Symbol.dispose]();
        resolve(true);
      };
      waiting.push(admit);
    });
  }

  #next(): void {
    for (const client of this.#clients.values()) {
      if (this.#busy >= atWork) return;
      if (client.busy) continue;
      const admit = client.waiting.shift();
      if (!admit) continue;
      client.busy = true;
      this.#busy++;
      admit();
    }
  }
}
