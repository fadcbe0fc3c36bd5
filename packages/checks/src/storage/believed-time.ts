/** Clocks drift, and processes are held up, by less. */
const leapMs = 60_000;
/** For so long whoever looks after a machine, or its time servers, may take to put its clock right. */
const doubtedMs = 86_400_000;

/**
 * What time it is for what cannot be taken back. A clock that is set ahead is believed once it has stayed so for a day
 * of this process: by a wrong one all that is kept is too old. One that is set back is believed at once.
 */
export class BelievedTime {
  readonly #now: () => number;
  readonly #elapsed: () => number;
  /** How far the clock was ahead of what had elapsed, in leaps, and when it was last; ever more, ever later. */
  readonly #ahead: { leaps: number; at: number }[] = [];

  /**
   * `now`: milliseconds since 1970; `elapsed`: monotonic ones. `last`: what the clock showed when somebody last looked,
   * in an earlier process for one; null where nobody knows.
   */
  constructor(now: () => number, elapsed: () => number, last: number | null = null) {
    this.#now = now;
    this.#elapsed = elapsed;
    const at = elapsed();
    if (last !== null && last < now()) this.#ahead.push({ leaps: Math.floor((last - at) / leapMs), at });
  }

  /** To be asked more than once a day, or a leap is not noticed. */
  now(): number {
    const [now, elapsed] = [this.#now(), this.#elapsed()];
    const leaps = Math.floor((now - elapsed) / leapMs);
    while (this.#ahead.length > 0 && this.#ahead.at(-1)!.leaps >= leaps) this.#ahead.pop();
    this.#ahead.push({ leaps, at: elapsed });
    while (this.#ahead[0]!.at < elapsed - doubtedMs) this.#ahead.shift();
    return Math.min(now, elapsed + (this.#ahead[0]!.leaps + 1) * leapMs);
  }
}
