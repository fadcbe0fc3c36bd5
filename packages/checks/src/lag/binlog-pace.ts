import type { Clock } from '../time/clock.ts';

const shortestMs = 1_000;
const longestMs = 4_000;
/** So much longer than a wait on the server is the pause after it: 50 ms are the longest that cost no pause. */
const part = 20;

/**
 * When a server may be asked for its place in its binlog. That waits on the binlog's lock, behind a big commit or a
 * purge, and others wait there too: once a second, and less often where it waited.
 */
export class BinlogPace {
  readonly #clock: Clock;
  #pauseMs = shortestMs;
  #next = -Infinity;
  /** What a look takes without it: the way there and back. */
  #otherwiseMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get due(): boolean {
    return this.#clock.now() >= this.#next;
  }

  /** How long the server is left alone at present. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** A look took so long, whatever came of it; `asked`: with this question among others. */
  looked(asked: boolean, sentAt: number): void {
    const tookMs = this.#clock.now() - sentAt;
    if (!asked) {
      this.#otherwiseMs = tookMs;
      return;
    }
    const waitedMs = Math.max(0, tookMs - this.#otherwiseMs);
    this.#pauseMs = Math.min(longestMs, Math.max(shortestMs, part * waitedMs));
    this.#next = sentAt + Math.max(this.#pauseMs, tookMs);
  }

  /** Another server may answer now, or it may be asked for this for the first time. */
  reset(): void {
    this.#next = -Infinity;
    this.#pauseMs = shortestMs;
  }
}
