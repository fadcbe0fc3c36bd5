import type { EngineConfig } from '@lockstep/checks';

const none: Readonly<Record<string, string>> = {};

/** The labels of pairs, as they are configured at the time. */
export class PairLabels {
  #known = new Map<string, Readonly<Record<string, string>>>();

  constructor(config: Pick<EngineConfig, 'pairs'>) {
    this.reconfigure(config);
  }

  reconfigure({ pairs }: Pick<EngineConfig, 'pairs'>): void {
    this.#known = new Map(pairs.map(({ name, labels = none }) => [name, labels]));
  }

  /** Of a pair by its name; of none, none. */
  readonly of = (pair: string | null): Readonly<Record<string, string>> =>
    pair === null ? none : (this.#known.get(pair) ?? none);
}
