import type { Clock } from './clock.ts';

/** Clocks drift and are slewed by less than this between two looks. */
const stepMs = 500;
/** Of more steps the oldest are forgotten: what is older than all of them is verified anew, or long overdue. */
const maxSteps = 100;

/**
 * The wall clock was set forward, or the machine slept: time that nobody saw pass. What has to happen within some time
 * is not late for it, and what is to see to it has not had its turn.
 */
export class UnseenTime {
  readonly #clock: Clock;
  #last: { wall: number; now: number };
  /** By the wall clock: since when it was not set back, as far as it was seen. */
  #onwardSince: number;
  /** By the wall clock after it; oldest first. */
  readonly #steps: { at: number; ms: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = { wall: clock.wall().getTime(), now: clock.now() };
    this.#onwardSince = this.#last.wall;
  }

  /** To be called again and again. */
  notice(): void {
    const last = this.#last;
    this.#last = { wall: this.#clock.wall().getTime(), now: this.#clock.now() };
    const ms = this.#last.wall - last.wall - (this.#last.now - last.now);
    if (ms < -stepMs) this.#onwardSince = this.#last.wall;
    if (ms <= stepMs) return;
    this.#steps.push({ at: last.wall + ms, ms });
    if (this.#steps.length > maxSteps) this.#steps.shift();
  }

  /**
   * How much of what passed since then was not seen, in ms, as far as it was noticed. Of what lies in the future, by
   * how much too little seems to have passed, below 0: it was before the clock was set back, and at least so long ago.
   */
  since(date: Date): number {
    if (date.getTime() - this.#clock.wall().getTime() > stepMs) {
      this.notice();
      return this.#onwardSince - date.getTime();
    }
    return this.#steps.reduce((sum, { at, ms }) => (date.getTime() < at ? sum + ms : sum), 0);
  }
}
