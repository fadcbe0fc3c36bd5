/** The last hour of a pair's lag in one slot a minute: what a sparkline shows. */
export interface LagMinute {
  /** Start, in ms since 1970. */
  at: number;
  min: number;
  max: number;
}

export const hourMinutes = 60;
const minuteMs = 60_000;

/** Minutes in which nothing was known have no entry: a gap stays a gap. */
export class LagHour {
  #minutes: LagMinute[] = [];
  #shown: readonly LagMinute[] | null = null;

  /** The same array for as long as nothing in it is new: most samples are neither a new peak nor a new minute. */
  get minutes(): readonly LagMinute[] {
    return (this.#shown ??= [...this.#minutes]);
  }

  /** The newest moment at which something was known, with its highest value. */
  get newest(): LagMinute | undefined {
    return this.#minutes.at(-1);
  }

  /** Takes buckets of history, which may be finer or coarser than a minute. */
  load(buckets: readonly { from: string; to: string; minMs: number; maxMs: number }[], now: number): void {
    this.#minutes = [];
    this.#shown = null;
    for (const { from, to, minMs, maxMs } of buckets) {
      const last = minuteOf(Math.max(Date.parse(from), Date.parse(to) - 1));
      for (let at = minuteOf(Date.parse(from)); at <= last; at += minuteMs) this.#put(at, minMs, maxMs);
    }
    this.#trim(now);
  }

  add(at: number, ms: number): void {
    this.#put(minuteOf(at), ms, ms);
    this.#trim(at);
  }

  #put(at: number, min: number, max: number): void {
    const newest = this.#minutes.at(-1);
    if (newest && newest.at > at) return;
    if (newest?.at === at && newest.min <= min && newest.max >= max) return;
    this.#shown = null;
    if (newest?.at === at) {
      this.#minutes[this.#minutes.length - 1] = {
        at,
        min: Math.min(newest.min, min),
        max: Math.max(newest.max, max),
      };
    } else {
      this.#minutes.push({ at, min, max });
    }
  }

  #trim(now: number): void {
    const first = minuteOf(now) - hourMinutes * minuteMs;
    while (this.#minutes[0] && this.#minutes[0].at < first) {
      this.#minutes.shift();
      this.#shown = null;
    }
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}
