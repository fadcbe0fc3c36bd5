import type { Alert, Delivery, Logger, MetricsStorage } from '@lockstep/checks';
import type { Attempt } from '../tracing/traces.ts';
import { turns } from '../turns.ts';
import { type Destination, NotDelivered } from './destination.ts';
import { Outgoing } from './outgoing.ts';
import { messageOf, type Parcel } from './parcel.ts';

/** Who has not taken a message for a day will not learn anything from it any more. */
const giveUpAfterMs = 86_400_000;
/** … but a day may have passed asleep, or in a leap of the clock, and at first there may be no network. */
const lastTries = 6;
/** Waits are told in whole steps of this. */
const stepMs = 100;

export interface CourierOptions {
  destination: Destination;
  storage: MetricsStorage;
  log: Logger;
  /** The page that shows these alerts. */
  linkTo: (alerts: readonly Alert[]) => string | null;
  now: () => number;
  /** Monotonic milliseconds. */
  clock: () => number;
  /** Told of each attempt, once it is over. */
  attempted?: ((attempt: Attempt) => void) | undefined;
  /** Rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What waits for a destination. */
export interface Waiting {
  destination: string;
  /** Of messages, be they about one alert or about many. */
  count: number;
  /** Of the message that has waited longest; null when none waits. */
  oldest: Delivery | null;
}

/** What became of the messages to a destination since this process began. */
export interface Brought {
  destination: string;
  /** Accepted, tests and watchdogs not counted. */
  delivered: number;
  givenUp: number;
  /** Of all attempts those that failed, whatever became of the message. */
  failedAttempts: number;
}

/**
 * Brings messages to one destination, one after the other, each until it has arrived. Those about one alert, or one
 * group, keep their order; one that is not taken holds back no other's.
 */
export class Courier {
  readonly #options: CourierOptions;
  readonly #outgoing = new Outgoing();
  readonly #stopping = new AbortController();
  /** Ends the rest before a further attempt: something new has come. */
  #wake: AbortController | null = null;
  #working: Promise<void> | null = null;
  /** Messages of which the log says already that they failed. */
  readonly #warned = new WeakSet<Parcel>();
  /** How often messages failed that are older than a day. */
  readonly #tooOld = new WeakMap<Parcel, number>();
  /** By key: what is to be brought. */
  readonly #inside = new Set<string>();
  #delivered = 0;
  #givenUp = 0;
  #failedAttempts = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** What is no reminder is in the outbox already. */
  bring(parcel: Parcel): void {
    for (const { key } of parcel.deliveries) this.#inside.add(key);
    this.#outgoing.add(parcel);
    this.#wake?.abort();
    // To abort again what was aborted costs an error each time.
    this.#wake = null;
    this.#working ??= this.#work();
  }

  /** Whether it waits already. */
  has(delivery: Delivery): boolean {
    return this.#inside.has(delivery.key);
  }

  waiting(): Waiting {
    const { size } = this.#outgoing;
    return { destination: this.#options.destination.name, count: size, oldest: this.#outgoing.oldest() };
  }

  brought(): Brought {
    return {
      destination: this.#options.destination.name,
      delivered: this.#delivered,
      givenUp: this.#givenUp,
      failedAttempts: this.#failedAttempts,
    };
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
      const turn = this.#outgoing.next(this.#options.clock());
      if (!turn) {
        // In the same breath as the look: what is brought from now on starts anew.
        this.#working = null;
        return;
      }
      if (turn.waitMs > 0 && !(await this.#rest(turn.waitMs))) continue;
      await this.#attempt(turn.parcel);
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

  async #attempt(parcel: Parcel): Promise<void> {
    const { destination, storage, now, log, linkTo } = this.#options;
    const first = parcel.deliveries[0]!;
    this.#outgoing.take(parcel);
    const began = now();
    let refused: string | undefined;
    try {
      const message = await messageOf(parcel, linkTo);
      this.#stopping.signal.throwIfAborted();
      refused = (await destination.send(message, this.#stopping.signal)) ?? undefined;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      parcel.attempts++;
      this.#failedAttempts++;
      first.attempts = parcel.attempts;
      first.error = error instanceof Error ? error.message : String(error);
      this.#attempted(parcel, began, first.error);
      const final = error instanceof NotDelivered && error.final;
      if (final || parcel.reminder || this.#isHopeless(parcel)) {
        log.error(this.#fields(parcel), `notification to ${destination.name} given up: ${first.error}`);
        await this.#end(parcel, 'given-up', first.error);
        return;
      }
      const wanted = error instanceof NotDelivered ? error.retryAfterMs : null;
      this.#outgoing.failed(parcel, wanted ?? 0, this.#options.clock());
      this.#warn(parcel, first.error);
      // Of many alerts in one message the first alone: the others would say the same, at the cost of as many writes.
      storage.recordDelivery(first);
      return;
    }
    parcel.attempts++;
    this.#attempted(parcel, began, null);
    await this.#end(parcel, 'delivered', refused === undefined ? null : `accepted in part: ${refused}`);
    const inPart = refused === undefined ? '' : `, in part: ${refused}`;
    log[inPart === '' ? 'info' : 'warn'](
      this.#fields(parcel),
      `notification delivered to ${destination.name}${inPart}`,
    );
  }

  /** To be asked once after each try that failed. */
  #isHopeless(parcel: Parcel): boolean {
    if (this.#options.now() - parcel.createdAt.getTime() <= giveUpAfterMs) return false;
    const tries = (this.#tooOld.get(parcel) ?? 0) + 1;
    this.#tooOld.set(parcel, tries);
    return tries >= lastTries;
  }

  #attempted({ key, deliveries, attempts }: Parcel, began: number, error: string | null): void {
    const { destination, attempted, now } = this.#options;
    const message = { destination: destination.name, message: key, alerts: deliveries.length };
    attempted?.({ ...message, attempt: attempts, began, ended: now(), error });
  }

  #warn(parcel: Parcel, error: string): void {
    const { destination, log } = this.#options;
    if (this.#warned.has(parcel) || !this.#outgoing.quiet) return;
    this.#warned.add(parcel);
    log.warn(this.#fields(parcel), `notification to ${destination.name} failed: ${error}; it is tried again`);
  }

  async #end(parcel: Parcel, state: 'delivered' | 'given-up', error: string | null): Promise<void> {
    const { storage, now } = this.#options;
    this.#outgoing.ended(parcel, state === 'delivered');
    if (state === 'delivered') this.#delivered++;
    else this.#givenUp++;
    const ended = { state, endedAt: new Date(now()), error, attempts: parcel.attempts };
    const note = (delivery: Delivery): void => {
      this.#inside.delete(delivery.key);
      Object.assign(delivery, ended satisfies Partial<Delivery>);
      if (!parcel.reminder) storage.recordDelivery(delivery);
    };
    const { deliveries } = parcel;
    const first = deliveries.find((delivery) => delivery.first === undefined) ?? deliveries[0]!;
    note(first);
    // Whoever kills the program now must not make it tell this again: of one that many parts make, this says it of all.
    if (!parcel.reminder) storage.flush();
    if (deliveries.length === 1) return;
    for (const delivery of deliveries) {
      if (delivery !== first) note(delivery);
      if (turns.exhausted()) await turns.next();
    }
    if (!parcel.reminder) storage.flush();
  }

  #fields({ key, attempts, deliveries }: Parcel): object {
    const { name } = this.#options.destination;
    const alerts = deliveries.length;
    return { notification: key, destination: name, attempts, ...(alerts > 1 && { alerts }) };
  }
}
