import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { vi } from 'vitest';

interface Asked {
  /** Name of the query. */
  name: string;
  variables: Record<string, unknown>;
  /** Whether the browser gave the request up. */
  readonly ended: boolean;
  answer: (data: object) => void;
  fail: (message: string) => void;
}

/** What a service is to the page: it answers when the test says so, and tells news. */
export class Service {
  /** Questions that no test took up yet, oldest first. */
  readonly asked: Asked[] = [];
  readonly api: Client;
  readonly #listeners = new Map<string, (data: object) => void>();

  constructor() {
    this.api = new Client({
      url: 'http://service/graphql',
      preferGetMethod: false,
      requestPolicy: 'network-only',
      fetch: (_, init) => this.#fetch(init ?? {}),
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '' }) => ({
            subscribe: (sink) => {
              this.#listeners.set(nameOf(query), (data) => sink.next({ data: { ...data } }));
              return { unsubscribe: () => this.#listeners.delete(nameOf(query)) };
            },
          }),
        }),
      ],
    });
  }

  /** The next question of that name, once it is asked. */
  async next(name: string): Promise<Asked> {
    const at = await vi.waitUntil(() => {
      const index = this.asked.findIndex((each) => each.name === name);
      return index === -1 ? undefined : { index };
    });
    return this.asked.splice(at.index, 1)[0]!;
  }

  /** Tells news to whoever listens to the subscription of that name, once somebody does. */
  async tell(name: string, data: object): Promise<void> {
    const listener = await vi.waitUntil(() => this.#listeners.get(name));
    listener(data);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  #fetch({ body, signal }: RequestInit): Promise<Response> {
    const { query, variables = {} } = JSON.parse(body as string) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    return new Promise((resolve, reject) => {
      const respond = (content: object) =>
        resolve(new Response(JSON.stringify(content), { headers: { 'content-type': 'application/json' } }));
      if (signal) signal.onabort = () => reject(signal.reason as Error);
      this.asked.push({
        name: nameOf(query),
        variables,
        get ended() {
          return signal?.aborted ?? false;
        },
        answer: (data) => respond({ data }),
        fail: (message) => respond({ errors: [{ message }] }),
      });
    });
  }
}

function nameOf(query: string): string {
  return /(?:query|subscription) (\w+)/.exec(query)?.[1] ?? '';
}
