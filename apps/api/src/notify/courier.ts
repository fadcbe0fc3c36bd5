import type { Delivery, Logger, MetricsStorage } from '@lockstep/checks';
import { type Destination, type Message, NotDelivered } from './destination.ts';

/** Who has not taken a message for a day will not learn anything from it any more. */
const giveUpAfterMs = 86_400_000;

export interface CourierOptions {
  destination: Destination;
  storage: MetricsStorage;
  log: Logger;
  now: () => number;
  /** Rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Brings messages to one destination, one after the other in their order, each until it has arrived. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #queue: Delivery[] = [];
  readonly #stopping = new AbortController();
  #working: Promise<void> | null = null;
  #failing = false;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** The message is in the outbox already. */
  bring(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#working ??= this.#work().finally(() => (this.#working = null));
  }

  /** What has not arrived stays in the outbox, for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      const delivery = this.#queue[0];
      if (!delivery || signal.aborted) return;
      const waitMs = await this.#attempt(delivery);
      if (waitMs === null) this.#queue.shift();
      // Rejects only when told to stop, which the loop sees for itself.
      else await this.#options.sleep(waitMs, signal).catch(() => {});
    }
  }

  /** Null when the message has come to its end; else when to try again. */
  async #attempt(delivery: Delivery): Promise<number | null> {
    const { destination, now, log } = this.#options;
    try {
      await destination.send(messageOf(delivery), this.#stopping.signal);
    } catch (error) {
      if (this.#stopping.signal.aborted) return null;
      delivery.attempts++;
      delivery.error = error instanceof Error ? error.message : String(error);
      const refused = error instanceof NotDelivered && error.final;
      if (refused || now() - delivery.createdAt.getTime() > giveUpAfterMs) {
        log.error(fields(delivery), `notification to ${destination.name} given up: ${delivery.error}`);
        this.#end(delivery, 'given-up');
        return null;
      }
      if (!this.#failing) {
        log.warn(
          fields(delivery),
          `notification to ${destination.name} failed: ${delivery.error}; it is tried again`,
        );
      }
      this.#failing = true;
      this.#options.storage.recordDelivery({ ...delivery });
      const wanted = error instanceof NotDelivered ? error.retryAfterMs : null;
      return Math.max(wanted ?? 0, backoffMs(delivery.attempts));
    }
    delivery.attempts++;
    delivery.error = null;
    this.#failing = false;
    this.#end(delivery, 'delivered');
    log.info(fields(delivery), `notification delivered to ${destination.name}`);
    return null;
  }

  #end(delivery: Delivery, state: 'delivered' | 'given-up'): void {
    this.#options.storage.recordDelivery({ ...delivery, state, endedAt: new Date(this.#options.now()) });
    // Whoever kills the program now must not make it tell this again.
    this.#options.storage.flush();
  }
}

function messageOf({ key, alert }: Delivery): Message {
  return { key, event: alert.state === 'resolved' ? 'resolved' : 'firing', alert };
}

/** A second, doubling, up to five minutes. */
function backoffMs(attempts: number): number {
  return Math.min(1_000 * 2 ** (attempts - 1), 300_000);
}

function fields({ key, destination, attempts }: Delivery): object {
  return { notification: key, destination, attempts };
}
