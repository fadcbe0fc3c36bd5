import type { Clock } from './clock.ts';

export interface TickerOptions {
  intervalMs: number;
  /** The first tick comes after this long. */
  phaseMs: number;
  clock: Clock;
  job: () => Promise<void>;
  /** The job failed as nobody expected; the next tick comes all the same. Must not throw. */
  onError: (error: unknown) => void;
}

/** Time in which a process was held up, in ms, and when it was over. */
export interface HoldUp {
  ms: number;
  until: number;
}

/** A timer is late by some ms on a busy machine, and by as much as this only where nothing ran at all. */
const heldUpMs = 1000;

/**
 * Runs a job at a steady rate: ticks stay on their grid whatever timers lose, a job that takes longer than a tick skips
 * ticks, and the job never overlaps itself. (croner goes down to one second only.)
 */
export class Ticker {
  /** The last time that a tick came late because nothing ran. */
  heldUp: HoldUp | null = null;
  readonly #options: TickerOptions;
  #timer: NodeJS.Timeout | null = null;
  #next = 0;
  #running = false;
  #stopped = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next = this.#options.clock.now() + this.#options.phaseMs;
    this.#schedule();
  }

  /** The next tick comes now, and the grid starts anew from it; nothing if the job is running. */
  hasten(): void {
    if (this.#stopped || this.#running || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#next = this.#options.clock.now();
    this.#schedule();
  }

  /** No further tick; a job that is running is left to end. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #schedule(): void {
    const wait = Math.max(0, this.#next - this.#options.clock.now());
    this.#timer = setTimeout(() => void this.#tick(), wait);
  }

  #noticeHoldUp(): void {
    const until = this.#options.clock.now();
    const ms = until - this.#next;
    if (ms > heldUpMs) this.heldUp = { ms, until };
  }

  async #tick(): Promise<void> {
    this.#running = true;
    this.#noticeHoldUp();
    try {
      await this.#options.job();
    } catch (error) {
      this.#options.onError(error);
    }
    this.#running = false;
    if (this.#stopped) return;
    const { intervalMs, clock } = this.#options;
    const late = Math.max(0, clock.now() - this.#next);
    this.#next += intervalMs * (1 + Math.floor(late / intervalMs));
    this.#schedule();
  }
}
