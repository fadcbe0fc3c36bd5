import { createSubscriber } from 'svelte/reactivity';
import { serverClock } from './server-clock.ts';

/** Reading `now` keeps the reader up to date, once a second, for as long as it is on the page. */
class Ticker {
  readonly #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  });

  /** The service's clock as this browser knows it, in ms since 1970. */
  get now(): number {
    this.#subscribe();
    return serverClock.now();
  }

  /** Monotonic, in ms; for ages of things received. */
  get monotonic(): number {
    this.#subscribe();
    return performance.now();
  }
}

export const ticker = new Ticker();
