import type { Delivery, Logger, MetricsStorage } from '@lockstep/checks';
import { type Destination, type Message, NotDelivered } from './destination.ts';
import { Outgoing } from './outgoing.ts';

/** Who has not taken a message for a day will not learn anything from it any more. */
const giveUpAfterMs = 86_400_000;
/** Waits are told in whole steps of this. */
const stepMs = 100;

export interface CourierOptions {
  destination: Destination;
  storage: MetricsStorage;
  log: Logger;
  now: () => number;
  /** Rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What waits for a destination. */
export interface Waiting {
  destination: string;
  count: number;
  /** The message that has waited longest; null when none waits. */
  oldest: Delivery | null;
}

/**
 * Brings messages to one destination, one after the other, each until it has arrived. Those about one alert keep their
 * order; one that is not taken holds back no other alert's.
 */
export class Courier {
  readonly #options: CourierOptions;
  readonly #outgoing = new Outgoing();
  readonly #stopping = new AbortController();
  /** Ends the rest before a further attempt: something new has come. */
  #wake: AbortController | null = null;
  #working: Promise<void> | null = null;
  /** Messages of which the log says already that they failed. */
  readonly #warned = new WeakSet<Delivery>();

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** The message is in the outbox already. */
  bring(delivery: Delivery): void {
    this.#outgoing.add(delivery);
    this.#wake?.abort();
    this.#working ??= this.#work();
  }

  /** Whether it waits already. */
  has(delivery: Delivery): boolean {
    return this.#outgoing.has(delivery);
  }

  waiting(): Waiting {
    const { size } = this.#outgoing;
    return { destination: this.#options.destination.name, count: size, oldest: this.#outgoing.oldest() };
  }

  /** What has not arrived stays in the outbox, for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    // Not within `bring`: who brings many gets them all in first.
    await Promise.resolve();
    while (!this.#stopping.signal.aborted) {
      const turn = this.#outgoing.next(performance.now());
      if (!turn) {
        // In the same breath as the look: what is brought from now on starts anew.
        this.#working = null;
        return;
      }
      if (turn.waitMs > 0 && !(await this.#rest(turn.waitMs))) continue;
      await this.#attempt(turn.delivery);
    }
  }

  /** False when it was cut short. */
  async #rest(ms: number): Promise<boolean> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, this.#wake.signal]);
    try {
      await this.#options.sleep(Math.ceil(ms / stepMs) * stepMs, signal);
      return !signal.aborted;
    } catch {
      return false;
    } finally {
      this.#wake = null;
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { destination, storage, now, log } = this.#options;
    this.#outgoing.take(delivery);
    try {
      await destination.send(messageOf(delivery), this.#stopping.signal);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      delivery.attempts++;
      delivery.error = error instanceof Error ? error.message : String(error);
      const refused = error instanceof NotDelivered && error.final;
      if (refused || now() - delivery.createdAt.getTime() > giveUpAfterMs) {
        log.error(fields(delivery), `notification to ${destination.name} given up: ${delivery.error}`);
        this.#end(delivery, 'given-up');
        return;
      }
      const wanted = error instanceof NotDelivered ? error.retryAfterMs : null;
      this.#outgoing.failed(delivery, wanted ?? 0, performance.now());
      this.#warn(delivery);
      storage.recordDelivery(delivery);
      return;
    }
    delivery.attempts++;
    delivery.error = null;
    this.#end(delivery, 'delivered');
    log.info(fields(delivery), `notification delivered to ${destination.name}`);
  }

  #warn(delivery: Delivery): void {
    const { destination, log } = this.#options;
    if (this.#warned.has(delivery) || !this.#outgoing.quiet) return;
    this.#warned.add(delivery);
    log.warn(
      fields(delivery),
      `notification to ${destination.name} failed: ${delivery.error}; it is tried again`,
    );
  }

  #end(delivery: Delivery, state: 'delivered' | 'given-up'): void {
    this.#outgoing.ended(delivery, state === 'delivered');
    delivery.state = state;
    delivery.endedAt = new Date(this.#options.now());
    this.#options.storage.recordDelivery(delivery);
    // Whoever kills the program now must not make it tell this again.
    this.#options.storage.flush();
  }
}

function messageOf({ key, alert }: Delivery): Message {
  return { key, event: alert.state === 'resolved' ? 'resolved' : 'firing', alert };
}

function fields({ key, destination, attempts }: Delivery): object {
  return { notification: key, destination, attempts };
}
