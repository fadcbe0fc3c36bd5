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

/** A timer is late by some ms on a busy machine, and by as much as this only where nothing ran at all. */
const heldUpMs = 1000;
/** Of so many times in which nothing ran it is known when they were. */
const remembered = 8;

/**
 * Runs a job at a steady rate: ticks stay on their grid whatever timers lose, a job that takes longer than a tick skips
 * ticks, and the job never overlaps itself. (croner goes down to one second only.)
 */
export class Ticker {
  readonly #options: TickerOptions;
  /** Times in which nothing ran, in ms, and when they were over. */
  readonly #heldUp: { ms: number; until: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #next = 0;
  #running = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** How long nothing ran since then, in ms; times that began before it and ended after it count as a whole. */
  heldUpSince(at: number): number {
    return this.#heldUp.reduce((sum, { ms, until }) => (until > at ? sum + ms : sum), 0);
  }

  start(): void {
    this.#next = this.#options.clock.now() + this.#options.phaseMs;
    this.#schedule();
  }

  /** The next tick comes now, and the grid starts anew from it; nothing if the job is running. */
  hasten(): void {
    if (this.#running || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#next = this.#options.clock.now();
    this.#schedule();
  }

  /** No further tick; a job that is running is left to end. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(): void {
    const wait = Math.max(0, this.#next - this.#options.clock.now());
    this.#timer = setTimeout(() => this.#tick(), wait);
  }

  /** While the job runs as well, for what it waits for is held up like everything else. */
  #tick(): void {
    const now = this.#options.clock.now();
    const late = Math.max(0, now - this.#next);
    if (late > heldUpMs) {
      this.#heldUp.push({ ms: late, until: now });
      if (this.#heldUp.length > remembered) this.#heldUp.shift();
    }
    const { intervalMs } = this.#options;
    this.#next += intervalMs * (1 + Math.floor(late / intervalMs));
    this.#schedule();
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      await this.#options.job();
    } catch (error) {
      this.#options.onError(error);
    }
    this.#running = false;
  }
}
