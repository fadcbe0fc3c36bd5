import { setTimeout } from 'node:timers/promises';
import { type Alert, type Delivery, type Logger, type MetricsStorage, Mishaps } from '@lockstep/checks';
import type { PubSub } from '../pubsub/pubsub.ts';
import { Courier, type Waiting } from './courier.ts';
import type { Destination } from './destination.ts';
import { keyToTell } from './key-to-tell.ts';
import type { Notifications } from './notifications.ts';
import { sendTest, type TestDelivery } from './send-test.ts';

export interface NotifierOptions {
  destinations: Destination[];
  storage: MetricsStorage;
  pubsub: PubSub;
  log: Logger;
  mishaps?: Mishaps;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Rejects when aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const realSleep = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

/**
 * Tells destinations what happens to alerts. A message is in the outbox on disk, together with the change of the alert
 * that it tells, before it is sent: it survives a kill, and what was accepted once is not sent again. Only a kill
 * between the other side's acceptance and our note of it makes a second attempt, under the same key. What was told is
 * known without the outbox: one that can be neither read nor written keeps nobody from being told.
 */
export class Notifier implements Notifications {
  readonly #options: NotifierOptions;
  readonly #now: () => number;
  readonly #couriers: Map<string, Courier>;
  readonly #stopping = new AbortController();
  readonly #mishaps: Mishaps;
  /** The messages about each open alert so far. */
  readonly #told = new Map<string, Delivery[]>();
  /** In the outbox, but perhaps not on disk yet. */
  #written: Delivery[] = [];
  #posting: NodeJS.Immediate | null = null;
  #unsubscribe: (() => void) | null = null;
  #forget: (() => void) | null = null;

  constructor(options: NotifierOptions) {
    const { destinations, storage, log, now = Date.now, sleep = realSleep } = options;
    this.#options = options;
    this.#now = now;
    this.#mishaps = options.mishaps ?? new Mishaps({ log });
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
    this.#recall(storage.openDeliveries());
    for (const alert of storage.openAlerts()) this.#consider(alert);
    this.#forget = storage.onReopened(() =>
      this.#mishaps.guard('going on with the outbox', () => this.#recall(storage.openDeliveries())),
    );
    this.#unsubscribe = pubsub.subscribe('alert', ({ data }) =>
      this.#mishaps.guard('notifying', () => this.#consider(data), {
        ...(data.pair !== null && { pair: data.pair }),
        ...(data.server !== null && { server: data.server }),
      }),
    );
  }

  /** What the last process left, which perhaps can be read only later. What this one knows itself is passed over. */
  #recall(deliveries: Delivery[]): void {
    for (const delivery of deliveries) {
      const { key, destination, alert } = delivery;
      const told = this.#told.get(alert.id) ?? [];
      if (told.some((known) => known.key === key && known.destination === destination)) continue;
      if (delivery.endedAt === null && this.#couriers.get(destination)?.has(delivery)) continue;
      this.#told.set(alert.id, [...told, delivery]);
      if (delivery.endedAt === null) this.#resume(delivery);
    }
  }

  async stop(): Promise<void> {
    this.#forget?.();
    this.#unsubscribe?.();
    if (this.#posting) clearImmediate(this.#posting);
    this.#stopping.abort(new Error('Lockstep is stopping'));
    await Promise.all([...this.#couriers.values()].map((courier) => courier.stop()));
  }

  /** What waits, by destination. */
  waiting(): Waiting[] {
    return [...this.#couriers.values()].map((courier) => courier.waiting());
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
    const known = this.#told.get(alert.id) ?? [];
    // What is over is told once more, and then never again.
    if (alert.state === 'resolved') this.#told.delete(alert.id);
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
    if (alert.state !== 'resolved') this.#told.set(alert.id, [...known, ...fresh]);
    this.#written.push(...fresh);
    this.#posting ??= setImmediate(() => this.#post());
  }

  /** One write to the disk for all that was decided on in one turn. */
  #post(): void {
    this.#posting = null;
    const written = this.#written;
    this.#written = [];
    this.#options.storage.flush();
    for (const delivery of written) this.#couriers.get(delivery.destination)?.bring(delivery);
  }
}
