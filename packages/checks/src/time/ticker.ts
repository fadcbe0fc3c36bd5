import type { Clock } from './clock.ts';

export interface TickerOptions {
  intervalMs: number;
  /** The first tick comes after this long. */
  phaseMs: number;
  clock: Clock;
  /** Must not reject. */
  job: () => Promise<void>;
}

/**
 * Runs a job at a steady rate: ticks stay on their grid whatever timers lose, a job that takes longer than a tick skips
 * ticks, and the job never overlaps itself. (croner goes down to one second only.)
 */
export class Ticker {
  #options: TickerOptions;
  #timer: NodeJS.Timeout | null = null;
  #next = 0;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next = this.#options.clock.now() + this.#options.phaseMs;
    this.#schedule();
  }

  /** Resolves when the job has ended that was running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    const wait = Math.max(0, this.#next - this.#options.clock.now());
    this.#timer = setTimeout(() => (this.#running = this.#tick()), wait);
  }

  async #tick(): Promise<void> {
    await this.#options.job();
    if (this.#stopped) return;
    const { intervalMs, clock } = this.#options;
    const late = Math.max(0, clock.now() - this.#next);
    this.#next += intervalMs * (1 + Math.floor(late / intervalMs));
    this.#schedule();
  }
}
