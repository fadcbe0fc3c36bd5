import { createSubscriber } from 'svelte/reactivity';
import { serverClock } from './server-clock.ts';

const everyMs = 1_000;
/** All that can be seen of a hidden page is the sign on its tab. */
const hiddenEveryMs = 10_000;

/** Reading `now` keeps the reader up to date, once a second, for as long as it is on the page. */
class Ticker {
  readonly #subscribe = createSubscriber((update) => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const start = () => {
      clearInterval(timer);
      timer = setInterval(update, document.hidden ? hiddenEveryMs : everyMs);
    };
    const turn = () => {
      start();
      if (!document.hidden) update();
    };
    start();
    document.addEventListener('visibilitychange', turn);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', turn);
    };
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
