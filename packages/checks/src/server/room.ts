import { backoffDelay } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { ServerFault } from './sql-server.ts';

/** Often enough for whoever has to wait for it, and seldom enough for a server that has none. */
const delays = { firstDelayMs: 1_000, maxDelayMs: 10_000 };

/**
 * Whether a server may be asked for one connection more. Where none was to be had it is not asked again with each
 * statement: what connections there are have to do, and a try comes now and then, further and further apart. It may
 * have none left, for anybody (max_connections) or for this account; or let the account in no more, which counts
 * against this host and fills its log; or be several, of which one cannot be told from another.
 */
export class Room {
  readonly #clock: Clock;
  #refused: { by: ServerFault; times: number; until: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why none is to be asked for now; null where one may be. */
  get full(): ServerFault | null {
    return this.#refused && this.#clock.now() < this.#refused.until ? this.#refused.by : null;
  }

  opened(): void {
    this.#refused = null;
  }

  /** It was not opened. */
  notOpened(error: unknown): void {
    // Of those that were tried side by side the first counts.
    if (!(error instanceof ServerFault) || error.kind !== 'connection' || this.full) return;
    const times = (this.#refused?.times ?? 0) + 1;
    this.#refused = { by: error, times, until: this.#clock.now() + backoffDelay(times, delays) };
  }
}
