import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often it is looked, in ms: what Node records of an idle loop. */
const everyMs = 20;
const windowMs = 60_000;
const quantiles = { '0.5': 50, '0.99': 99, '1': 100 };

export interface LoopDelays {
  /** In seconds, of the last one to two minutes; none before the first look. */
  quantiles: Record<string, number>;
  /** In seconds, since the start. */
  sum: number;
  count: number;
}

/**
 * How long what is due waits for its turn in the event loop. The looking is Node's own, outside of JavaScript.
 * Quantiles are of a while, whoever asks and however often: two scrapers take nothing from each other.
 */
export class EventLoopDelay {
  readonly #turning: NodeJS.Timeout;
  /** Of this window and, once there was one, the one before, … */
  #older = look();
  /** … and of this one alone. */
  #newer = this.#older;
  /** Of the windows that are over. */
  #sum = 0;
  #count = 0;

  constructor() {
    this.#turning = setInterval(() => this.#turn(), windowMs).unref();
  }

  read(): LoopDelays {
    const shown = this.#older;
    const [sum, count] = this.#total();
    if (shown.count === 0) return { quantiles: {}, sum, count };
    const known = Object.entries(quantiles).map(([name, percent]) => [
      name,
      delayOf(shown.percentile(percent)),
    ]);
    return { quantiles: Object.fromEntries(known) as Record<string, number>, sum, count };
  }

  stop(): void {
    clearInterval(this.#turning);
    this.#older.disable();
    this.#newer.disable();
  }

  #turn(): void {
    [this.#sum, this.#count] = this.#total();
    if (this.#older !== this.#newer) this.#older.disable();
    this.#older = this.#newer;
    this.#newer = look();
  }

  #total(): [sum: number, count: number] {
    const { count, mean } = this.#newer;
    return count === 0 ? [this.#sum, this.#count] : [this.#sum + count * delayOf(mean), this.#count + count];
  }
}

function look(): ReturnType<typeof monitorEventLoopDelay> {
  const histogram = monitorEventLoopDelay({ resolution: everyMs });
  histogram.enable();
  return histogram;
}

/** In seconds. What is recorded is the time between two looks, in ns. */
function delayOf(ns: number): number {
  return Math.max(0, Math.round(ns / 1e3 - everyMs * 1e3) / 1e6);
}
