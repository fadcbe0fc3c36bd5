import { addAbortListener } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { EventQueue, type Happening } from './event-queue.ts';
import type { Random } from './random.ts';

/** 2026-03-01 12:00:00 UTC: when every history begins. */
const beginning = Date.UTC(2026, 2, 1, 12);

/** What is put in the place of the real thing while a history runs. */
const real = {
  Date: globalThis.Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  sleep: timersPromises.setTimeout,
  random: Math.random,
  setImmediate: globalThis.setImmediate,
};

/**
 * Time in which nothing takes any: whatever waits, in the world or in the engine, is an entry in one queue, and the
 * clock jumps from entry to entry. Two runs with one seed do the same things in the same order. One history at a time:
 * the engine's clock, timers and dice are the process's, and are taken over while it runs.
 */
export class VirtualTime {
  /** Milliseconds since the history began. */
  now = 0;
  readonly #queue = new EventQueue();
  readonly #random: Random;
  #count = 0;
  #frozenUntil = 0;
  #suspendedMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** True time, in ms since 1970. */
  get wall(): number {
    return beginning + this.now;
  }

  /** In the world, after so long. What it does wakes nobody in the engine. */
  after(ms: number, run: () => void): Happening {
    return this.#at(ms, run, false);
  }

  /** As `after`, and the engine may go on by it. */
  wake(ms: number, run: () => void): Happening {
    return this.#at(ms, run, true);
  }

  /** The monitor gets no processor for so long: what would wake it comes when it may go on. The world goes on. */
  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.now + ms);
  }

  /** As `freeze`, but the monitor's monotonic clock does not count it. */
  suspend(ms: number): void {
    this.freeze(ms);
    this.#suspendedMs += ms;
  }

  /** Runs `work`, and all that happens meanwhile, to its end. Rejects when it takes longer than `mostMs`. */
  async run<T>(work: () => Promise<T>, mostMs: number): Promise<T> {
    this.#install();
    try {
      let done = false;
      const result = work().finally(() => (done = true));
      result.catch(() => undefined);
      await rest();
      while (!done) {
        const next = this.#queue.pop();
        if (!next) throw new Error(`nothing is left to happen, and the engine still waits`);
        if (next.wakes && next.at < this.#frozenUntil) {
          next.at = this.#frozenUntil;
          this.#queue.push(next);
          continue;
        }
        if (next.at > mostMs) throw new Error(`the engine still waits after ${mostMs} ms`);
        this.now = next.at;
        next.run();
        if (next.wakes) await rest();
      }
      return await result;
    } finally {
      uninstall();
    }
  }

  #at(ms: number, run: () => void, wakes: boolean): Happening {
    // Of what happens at once nobody knows what comes first: the seed says.
    const order = this.#random.next() + this.#count++ * 1e-12;
    const happening = { at: this.now + Math.max(0, ms), order, run, wakes, cancelled: false };
    this.#queue.push(happening);
    return happening;
  }

  #install(): void {
    const wall = () => this.wall;
    class VirtualDate extends real.Date {
      constructor(...args: [] | [number | string | Date]) {
        super(...((args.length === 0 ? [wall()] : args) as [number]));
      }
      static override now(): number {
        return wall();
      }
    }
    globalThis.Date = VirtualDate as DateConstructor;
    globalThis.setTimeout = ((run: () => void, ms = 1) =>
      this.wake(Math.max(1, ms), run)) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((timer: Happening | undefined) => {
      if (timer) timer.cancelled = true;
    }) as unknown as typeof clearTimeout;
    timersPromises.setTimeout = ((ms = 1, value: unknown, options: { signal?: AbortSignal } = {}) =>
      this.#sleep(ms, value, options.signal)) as typeof timersPromises.setTimeout;
    performance.now = () => this.now - this.#suspendedMs;
    Math.random = () => this.#random.next();
    syncBuiltinESMExports();
  }

  #sleep(ms: number, value: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        timer.cancelled = true;
        reject(signal?.reason as Error);
      };
      const timer = this.wake(Math.max(1, ms), () => {
        listening?.[Symbol.dispose]();
        resolve(value);
      });
      const listening = signal && addAbortListener(signal, abort);
    });
  }
}

function uninstall(): void {
  globalThis.Date = real.Date;
  globalThis.setTimeout = real.setTimeout;
  globalThis.clearTimeout = real.clearTimeout;
  timersPromises.setTimeout = real.sleep;
  Math.random = real.random;
  delete (performance as { now?: () => number }).now;
  syncBuiltinESMExports();
}

/** Until all promises have come to rest. */
function rest(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}
