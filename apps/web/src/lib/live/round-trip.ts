const leastMs = 3_000;
const mostMs = 60_000;

/** So many times what the last answer took. */
const leeway = 4;

/**
 * What the service's answers to pings tell of the line to it, in ms on the page's monotonic clock. An answer waits
 * behind all that was sent before it: on a slow line it is no less alive for being late, but what comes is as late.
 */
export class RoundTrip {
  #askedAt: number | null = null;
  #tookMs = 0;
  #patienceMs = leastMs;

  /** A new connection: nothing waits in it yet. */
  begin(): void {
    this.#askedAt = null;
    this.#tookMs = 0;
  }

  asked(now: number): void {
    this.#askedAt = now;
  }

  answered(now: number): void {
    if (this.#askedAt === null) return;
    this.#tookMs = now - this.#askedAt;
    this.#patienceMs = within(this.#tookMs * leeway);
    this.#askedAt = null;
  }

  /**
   * Nothing came for as long as was borne. Whoever begins anew asks for all of it again, which takes as long as it took
   * before: so the next connection is borne with for longer.
   */
  givenUp(): void {
    this.#patienceMs = within(this.#patienceMs * 2);
  }

  /** How long nothing may come before the connection is taken for dead. */
  get patienceMs(): number {
    return this.#patienceMs;
  }

  /** How old what came at that instant may be: as long as a ping took to be answered, or waited then. */
  lateMs(at: number): number {
    return Math.max(this.#tookMs, this.#askedAt === null ? 0 : at - this.#askedAt);
  }
}

function within(ms: number): number {
  return Math.min(Math.max(ms, leastMs), mostMs);
}
