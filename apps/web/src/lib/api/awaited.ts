import { createSubscriber } from 'svelte/reactivity';

/** How many answers the page waits for. Reading `count` keeps the reader up to date. */
class Awaited {
  #count = 0;
  #tell: (() => void) | null = null;
  readonly #subscribe = createSubscriber((update) => {
    this.#tell = update;
    return () => (this.#tell = null);
  });

  get count(): number {
    this.#subscribe();
    return this.#count;
  }

  more(by: 1 | -1): void {
    this.#count += by;
    this.#tell?.();
  }
}

export const awaited = new Awaited();
