import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';

const patienceMs = 60_000;

/** When the engine made each sample of each pair, by its own word, as one client of the service is told. */
export class SampleTimes {
  readonly #client;
  #times = new Map<string, number[]>();
  readonly #known = new Map<string, boolean>();

  constructor(port: number) {
    this.#client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, retryAttempts: 0 });
    this.#client.subscribe<{ lag: { pair: string; at: string; lagMs: number | null } }>(
      { query: 'subscription { lag { pair at lagMs } }' },
      {
        next: ({ data }) => {
          if (!data) return;
          const { pair, at, lagMs } = data.lag;
          this.#known.set(pair, lagMs !== null);
          const list = this.#times.get(pair);
          if (list) list.push(Date.parse(at));
          else this.#times.set(pair, [Date.parse(at)]);
        },
        error: (error) => console.error('the subscription ended:', error),
        complete: () => undefined,
      },
    );
  }

  forget(): void {
    this.#times = new Map();
  }

  /** Resolves when as many pairs as there are have a lag that is known. */
  allKnown(pairs: number): Promise<void> {
    const known = () => [...this.#known.values()].filter(Boolean).length;
    return until(
      () => known() === pairs,
      () => `of ${pairs} pairs the lag of ${known()} is known, of ${this.#known.size} one was told`,
    );
  }

  /** Resolves with the ms from `since`, a time of `performance.now()`, to the pair's first sample after it. */
  async firstOf(pair: string, since: number): Promise<number> {
    const wall = performance.timeOrigin + since;
    const first = () => this.#times.get(pair)?.find((at) => at >= wall);
    await until(
      () => first() !== undefined,
      () => `${pair} is not measured`,
    );
    return (first() ?? NaN) - wall;
  }

  /** In ms, between the samples of every pair but one. */
  intervals(but: string): number[] {
    return [...this.#times].flatMap(([pair, list]) =>
      pair === but ? [] : list.slice(1).map((at, i) => at - (list[i] ?? NaN)),
    );
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}

async function until(is: () => boolean, otherwise: () => string): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!is()) {
    if (performance.now() > end) throw new Error(`after ${patienceMs / 1_000} s ${otherwise()}`);
    await pause(10);
  }
}
