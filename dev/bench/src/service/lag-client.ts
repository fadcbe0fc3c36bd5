import { createClient } from 'graphql-ws';

/** A lag sample as it arrived. */
export interface Arrival {
  /** When the engine made it, wall clock in ms. */
  sampledAt: number;
  /** When it was here, on the same machine's clock: whole milliseconds, as the sample's. */
  arrivedAt: number;
  lagMs: number | null;
}

export interface LagClient {
  arrivals: readonly Arrival[];
  /** The next sample, arriving from now on, that fits. Rejects after 30 s. */
  next(fits: (arrival: Arrival) => boolean): Promise<Arrival>;
  close(): Promise<void>;
}

/** Subscribes to a pair's lag as the page does: over graphql-ws. */
export function lagClient(port: number, pair: string): LagClient {
  const arrivals: Arrival[] = [];
  const waiting = new Set<(arrival: Arrival) => void>();
  let failure: unknown = null;
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, retryAttempts: 0 });
  client.subscribe<{ lag: { at: string; lagMs: number | null } }>(
    { query: 'subscription ($pair: String) { lag(pair: $pair) { at lagMs } }', variables: { pair } },
    {
      next: ({ data }) => {
        if (!data) return;
        const arrival = {
          sampledAt: Date.parse(data.lag.at),
          arrivedAt: Date.now(),
          lagMs: data.lag.lagMs,
        };
        arrivals.push(arrival);
        for (const tell of waiting) tell(arrival);
      },
      error: (error) => (failure = error),
      complete: () => undefined,
    },
  );
  return {
    arrivals,
    next: (fits) =>
      new Promise((resolve, reject) => {
        const tell = (arrival: Arrival) => {
          if (!fits(arrival)) return;
          waiting.delete(tell);
          clearTimeout(patience);
          resolve(arrival);
        };
        const patience = setTimeout(() => {
          waiting.delete(tell);
          reject(new Error('no such lag sample arrived within 30 s', { cause: failure }));
        }, 30_000);
        waiting.add(tell);
      }),
    close: async () => {
      await client.dispose();
    },
  };
}
