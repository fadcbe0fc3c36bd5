import type { Clock } from './clock.ts';

/** Clocks drift and are slewed by less than this between two looks. */
const stepMs = 500;

/**
 * The monotonic clock stands still while the machine is suspended, so that what was timed across it is short by the
 * sleep. The wall clock does not: what it gained on the other passed unseen. (One that was set forward looks the same.)
 */
export class StandStill {
  readonly #clock: Clock;
  #aheadMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadMs = aheadMs(clock);
  }

  /** Whether the clock stood still since this was asked last, or made. */
  noticed(): boolean {
    const before = this.#aheadMs;
    this.#aheadMs = aheadMs(this.#clock);
    return this.#aheadMs - before > stepMs;
  }
}

function aheadMs(clock: Clock): number {
  return clock.wall().getTime() - clock.now();
}
