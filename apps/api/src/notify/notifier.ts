import { setTimeout } from 'node:timers/promises';
import type { Alert, Delivery, Logger, MetricsStorage } from '@lockstep/checks';
import type { PubSub } from '../pubsub/pubsub.ts';
import { Courier } from './courier.ts';
import type { Destination } from './destination.ts';
import { keyToTell } from './key-to-tell.ts';
import type { Notifications } from './notifications.ts';
import { sendTest, type TestDelivery } from './send-test.ts';

export interface NotifierOptions {
  destinations: Destination[];
  storage: MetricsStorage;
  pubsub: PubSub;
  log: Logger;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Rejects when aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const realSleep = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

/**
 * Tells destinations what happens to alerts. A message is in the outbox on disk, together with the change of the alert
 * that it tells, before it is sent: it survives a kill, and what was accepted once is not sent again. Only a kill
 * between the other side's acceptance and our note of it makes a second attempt, under the same key.
 */
export class Notifier implements Notifications {
  readonly #options: NotifierOptions;
  readonly #now: () => number;
  readonly #couriers: Map<string, Courier>;
  readonly #stopping = new AbortController();
  #unsubscribe: (() => void) | null = null;

  constructor(options: NotifierOptions) {
    const { destinations, storage, log, now = Date.now, sleep = realSleep } = options;
    this.#options = options;
    this.#now = now;
    this.#couriers = new Map(
      destinations.map((destination) => [
        destination.name,
        new Courier({ destination, storage, log, now, sleep }),
      ]),
    );
  }

  /** Goes on with what the last process left, and with every change from now on. */
  start(): void {
    const { storage, pubsub } = this.#options;
    for (const delivery of storage.waitingDeliveries()) this.#resume(delivery);
    for (const alert of storage.openAlerts()) this.#consider(alert);
    this.#unsubscribe = pubsub.subscribe('alert', ({ data }) => this.#consider(data));
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#stopping.abort(new Error('Lockstep is stopping'));
    await Promise.all([...this.#couriers.values()].map((courier) => courier.stop()));
  }

  /** What was told about an alert, oldest first. */
  deliveries(alertId: string): Delivery[] {
    return this.#options.storage.deliveries(alertId);
  }

  /** Tells every destination, whatever its severity, that this is a test; once, with no further attempt. */
  test(by: string): Promise<TestDelivery[]> {
    const { destinations, log } = this.#options;
    return Promise.all(
      destinations.map(async (destination) => {
        const told = await sendTest(destination, by, this.#stopping.signal);
        const level = told.ok ? 'info' : 'warn';
        log[level]({ destination: told.name, by }, `test notification to ${told.name}: ${told.message}`);
        return told;
      }),
    );
  }

  #resume(delivery: Delivery): void {
    const courier = this.#couriers.get(delivery.destination);
    if (courier) courier.bring(delivery);
    else {
      this.#options.storage.recordDelivery({
        ...delivery,
        state: 'given-up',
        endedAt: new Date(this.#now()),
        error: 'the destination is not in the configuration any more',
      });
    }
  }

  #consider(alert: Alert): void {
    const { destinations, storage } = this.#options;
    if (alert.state === 'pending' || alert.firedAt === null || destinations.length === 0) return;
    const at = new Date(this.#now());
    const known = storage.deliveries(alert.id);
    const fresh = destinations.flatMap(({ name, minSeverity }): Delivery[] => {
      const told = known.filter(({ destination }) => destination === name);
      const key = keyToTell(alert, told, minSeverity, at);
      if (key === null) return [];
      return [
        {
          key,
          destination: name,
          alert,
          state: 'waiting',
          createdAt: at,
          endedAt: null,
          attempts: 0,
          error: null,
        },
      ];
    });
    if (fresh.length === 0) return;
    for (const delivery of fresh) storage.recordDelivery(delivery);
    storage.flush();
    for (const delivery of fresh) this.#couriers.get(delivery.destination)?.bring(delivery);
  }
}
