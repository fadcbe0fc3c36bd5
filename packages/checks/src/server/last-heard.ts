import type { Clock } from '../time/clock.ts';

/** When a server was last heard of. */
export class LastHeard {
  at: Date | null = null;
  readonly #clock: Clock;
  /** The same, on a clock that only goes on. */
  #heardAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(at = this.#clock.wall()): void {
    this.at = at;
    this.#heardAt = this.#clock.now();
  }

  /** For how long not: the longer one, where the one clock was moved or stood still. Infinity before the first. */
  get silentMs(): number {
    const since = this.at?.getTime() ?? -Infinity;
    return Math.max(this.#clock.now() - this.#heardAt, this.#clock.wall().getTime() - since);
  }
}
