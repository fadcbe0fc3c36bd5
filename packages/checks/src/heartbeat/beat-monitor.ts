/** Beats remembered: enough to know the writer's clock well, few enough to forget how it once went. */
const remembered = 60;
/** A clock that seems to have moved by less was only read at a bad moment. */
const toleranceMs = 1000;

/** What the writer's clock shows, less what Lockstep's monotonic clock shows, lies between these. */
export interface ClockOffset {
  low: number;
  high: number;
}

interface Beat extends ClockOffset {
  ms: number;
  /** Since the beat before it, by the writer's clock. */
  gapMs: number;
}

/**
 * Watches one row of a heartbeat table on one server, and learns what the clock shows that writes it: a beat that was
 * first seen at one look, and not yet at the look before, was written between the two. Times are in ms: those of
 * beats by the writer's clock, in whatever time zone; `sentAt`, `receivedAt` and `now` by Lockstep's monotonic one.
 */
export class BeatMonitor {
  #beats: Beat[] = [];
  #newest: { ms: number; since: number; lastSentAt: number } | null = null;
  #everNew = false;
  #moved = false;

  see(ms: number, sentAt: number, receivedAt: number): void {
    const before = this.#newest;
    if (before?.ms === ms) {
      before.lastSentAt = sentAt;
      return;
    }
    this.#newest = { ms, since: receivedAt, lastSentAt: sentAt };
    if (!before) return;
    const beat = { ms, low: ms - receivedAt, high: ms - before.lastSentAt, gapMs: ms - before.ms };
    this.#everNew = true;
    if (beat.gapMs < 0 || this.#isAhead(beat)) {
      this.#moved = true;
      this.#beats = [];
      return;
    }
    this.#beats.push(beat);
    if (this.#beats.length > remembered) this.#beats.shift();
  }

  /** Null before two beats. */
  get offset(): ClockOffset | null {
    if (this.#beats.length === 0) return null;
    const low = Math.max(...this.#beats.map((beat) => beat.low));
    // A beat whose write had to wait was timed before the look that did not show it: its upper bound is no bound.
    const high = Math.min(...this.#beats.map((beat) => beat.high).filter((bound) => bound >= low));
    return { low, high };
  }

  /** How far apart beats usually are, as far as they were seen (the median); null before two of them. */
  get intervalMs(): number | null {
    const gaps = this.#beats.map(({ gapMs }) => gapMs).sort((a, b) => a - b);
    return gaps[gaps.length >> 1] ?? null;
  }

  /** How long the newest beat has been the newest; null before any. */
  silentMs(now: number): number | null {
    return this.#newest ? now - this.#newest.since : null;
  }

  /** Some beat came while this was watched. */
  get everNew(): boolean {
    return this.#everNew;
  }

  /** Whether the writer's clock was set since this was last asked: times of before do not compare with times of now. */
  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** This beat was seen, and written since the clock was last set. */
  knows(ms: number): boolean {
    return this.#newest?.ms === ms || this.#beats.some((beat) => beat.ms === ms);
  }

  /**
   * When a beat was written that somebody lacks who has `ms` for the newest; null: none is known. For beats of before
   * the watch it is taken that they came as often as they do now.
   */
  nextAfter(ms: number): number | null {
    if (!this.#newest || ms >= this.#newest.ms) return null;
    const [oldest] = this.#beats;
    if (oldest && ms < oldest.ms) return Math.min(oldest.ms, ms + (this.intervalMs ?? 0));
    return this.#beats.find((beat) => beat.ms > ms)?.ms ?? this.#newest.ms;
  }

  /** The writer's clock was set ahead, or into another time zone, or another machine writes now. */
  #isAhead({ low }: Beat): boolean {
    return this.#beats.length > 0 && low > Math.max(...this.#beats.map(({ high }) => high)) + toleranceMs;
  }

  /** Another row is watched from now on. */
  reset(): void {
    this.#beats = [];
    this.#newest = null;
    this.#everNew = false;
    this.#moved = false;
  }
}
