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

  /**
   * Takes buckets of history, oldest first, which may be finer or coarser than a minute. They may reach far beyond
   * `now`, by which they were asked for: until the service was heard that is the browser's clock, and a month has
   * 43,200 minutes.
   */
  load(buckets: readonly { from: string; to: string; minMs: number; maxMs: number }[], now: number): void {
    this.#minutes = [];
    this.#shown = null;
    const oldest = oldestOf(Math.max(now, endOf(buckets.at(-1))));
    for (const bucket of buckets) {
      const last = minuteOf(endOf(bucket));
      const first = Math.max(oldest, minuteOf(Date.parse(bucket.from)));
      for (let at = first; at <= last; at += minuteMs) this.#put(at, bucket.minMs, bucket.maxMs);
    }
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
    while (this.#minutes[0] && this.#minutes[0].at < oldestOf(now)) {
      this.#minutes.shift();
      this.#shown = null;
    }
  }
}

/** The last moment of a bucket; before all others where there is none. */
function endOf(bucket: { from: string; to: string } | undefined): number {
  return bucket ? Math.max(Date.parse(bucket.from), Date.parse(bucket.to) - 1) : -Infinity;
}

function oldestOf(now: number): number {
  return minuteOf(now) - hourMinutes * minuteMs;
}

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}
