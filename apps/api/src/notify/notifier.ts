import { addAbortListener } from 'node:events';
import {
  type Alert,
  type Delivery,
  inSlices,
  type Logger,
  type MetricsStorage,
  Mishaps,
  StorageError,
} from '@lockstep/checks';
import type { PubSub } from '../pubsub/pubsub.ts';
import type { Attempt } from '../tracing/traces.ts';
import type { Brought, Waiting } from './courier.ts';
import type { Destination } from './destination.ts';
import { endedWith } from './ended-with.ts';
import { isSilenced } from './key-to-tell.ts';
import { linkTo } from './link-to.ts';
import type { Notifications } from './notifications.ts';
import { type Parcel, single } from './parcel.ts';
import { sendTest, type TestDelivery } from './send-test.ts';
import { Staff } from './staff.ts';
import { toTell } from './to-tell.ts';

export interface NotifierOptions {
  destinations: Destination[];
  storage: MetricsStorage;
  pubsub: PubSub;
  log: Logger;
  mishaps?: Mishaps;
  /** Where the page is reached from outside; null for no links. */
  publicUrl?: string | null;
  /** Of a pair: what routes and groups may ask for. */
  labelsOf?: (pair: string | null) => Readonly<Record<string, string>>;
  /** Why a watchdog has to keep silent; null while Lockstep is well. */
  trouble?: () => string | null;
  /** Told of each attempt to bring a message, once it is over. */
  attempted?: ((attempt: Attempt) => void) | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Monotonic milliseconds. */
  clock?: () => number;
  /** Rejects when aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The outbox, as it is gone on with. */
interface Reading {
  /** What of it is gone on with. */
  wanted: (delivery: Delivery) => boolean;
  /** What happened meanwhile to alerts of which something is left to be told: it is told after that. */
  heard: { alert: Alert; at: number }[];
  /** Alerts that were asked for by themselves, as something happened to them. */
  ahead: Set<string>;
  /** Of these something is left. */
  behind: Set<string>;
}

const noLabels: Readonly<Record<string, string>> = {};

/**
 * Tells destinations what happens to alerts. A message is in the outbox on disk, together with the change of the alert
 * that it tells, before it is sent: it survives a kill, and what is known to be accepted is not sent again. Where no
 * answer was heard, as none came in time, or the program or the destination's configuration ended before it was noted,
 * there is a second attempt, under the same key. What was told is known without the outbox: one that can be neither
 * read nor written keeps nobody from being told.
 */
export class Notifier implements Notifications {
  readonly #options: NotifierOptions;
  readonly #now: () => number;
  readonly #clock: () => number;
  #destinations: readonly Destination[];
  #publicUrl: string | null;
  readonly #staff: Staff;
  readonly #stopping = new AbortController();
  readonly #mishaps: Mishaps;
  /** The messages about each open alert so far. */
  readonly #told = new Map<string, Delivery[]>();
  /** In the outbox, but perhaps not on disk yet. */
  #written: Delivery[] = [];
  #posting: NodeJS.Immediate | null = null;
  /** While the outbox is being read; null when it was, and it is known what was told. */
  #reading: Reading | null = null;
  #caughtUp: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void) | null = null;
  #forget: (() => void) | null = null;

  constructor(options: NotifierOptions) {
    const { destinations, log, now = Date.now, publicUrl = null } = options;
    const { clock = () => performance.now() } = options;
    this.#options = options;
    this.#destinations = destinations;
    this.#publicUrl = publicUrl;
    this.#now = now;
    this.#clock = clock;
    this.#mishaps = options.mishaps ?? new Mishaps({ log });
    this.#staff = new Staff({
      storage: options.storage,
      log,
      linkTo: (alerts) => this.#link(alerts),
      labelsOf: (pair) => this.#labelsOf(pair),
      send: (destination, parcel) => this.#send(destination, parcel),
      trouble: options.trouble ?? (() => null),
      attempted: options.attempted,
      now,
      clock,
      sleep: options.sleep,
    });
    this.#staff.employ(destinations);
  }

  /**
   * Tells these from now on. One that is the same object goes on undisturbed; what waits for another of the same name
   * is brought by the new way, and what waits for one that is gone is given up.
   */
  reconfigure(destinations: readonly Destination[], publicUrl = this.#publicUrl): Promise<void> {
    return this.#afterwards(() => this.#change(destinations, publicUrl));
  }

  /** One such work after the other. */
  #afterwards(work: () => Promise<void>): Promise<void> {
    const done = this.#caughtUp.then(work);
    this.#caughtUp = done.catch(() => undefined);
    return done;
  }

  async #change(destinations: readonly Destination[], publicUrl: string | null): Promise<void> {
    this.#publicUrl = publicUrl;
    const staying = new Set(
      this.#destinations.filter((one) => destinations.includes(one)).map(({ name }) => name),
    );
    await this.#staff.dismiss(staying);
    if (this.#stopping.signal.aborted) return;
    this.#destinations = destinations;
    this.#staff.employ(destinations);
    // As the outbox has it, whoever was to bring it; as it is known here, where the outbox cannot be read just now.
    const known: Delivery[] = [];
    for (const [alert, told] of this.#told) {
      const { stay = [], leave = [] } = Object.groupBy(told, ({ destination }) =>
        staying.has(destination) ? 'stay' : 'leave',
      );
      known.push(...leave);
      this.#told.set(alert, stay);
    }
    this.#staff.startWatchdogs();
    await this.#catchUp(({ destination }) => !staying.has(destination), known);
  }

  #link(alerts: readonly Alert[]): string | null {
    return this.#publicUrl === null ? null : linkTo(this.#publicUrl, alerts);
  }

  /**
   * Goes on with what the last process left, and with every change from now on. Comes true when it is known what was
   * told: until then an alert's changes wait if something that was left has to be told before.
   */
  start(): Promise<void> {
    const { storage, pubsub } = this.#options;
    this.#unsubscribe = pubsub.subscribe('alert', ({ data }) => this.#hear(data));
    this.#caughtUp = this.#catchUp(() => true);
    this.#staff.startWatchdogs();
    this.#forget = storage.onReopened(() => void this.#afterwards(() => this.#catchUp(() => true)));
    return this.#caughtUp;
  }

  #hear(alert: Alert): void {
    const at = this.#clock();
    if (this.#reading === null || this.#isAhead(alert.id, this.#reading)) this.#look(alert, at);
    else this.#reading.heard.push({ alert, at });
  }

  /** Whether it is known what was told of an alert, and nothing of it is left that would have to be told before. */
  #isAhead(id: string, { ahead, behind, wanted }: Reading): boolean {
    if (ahead.has(id)) return true;
    if (behind.has(id)) return false;
    const told = this.#left(id)?.filter((each) => wanted(each) && this.#isNew(each));
    if (told === undefined || told.some(({ endedAt }) => endedAt === null)) {
      behind.add(id);
      return false;
    }
    for (const delivery of told) this.#recall(delivery);
    ahead.add(id);
    return true;
  }

  /** Undefined where it cannot be read, which whoever reads all of it says. */
  #left(id: string): Delivery[] | undefined {
    try {
      return this.#options.storage.deliveries(id);
    } catch (error) {
      if (error instanceof StorageError) return undefined;
      throw error;
    }
  }

  #look(alert: Alert, heardAt: number): void {
    this.#mishaps.guard('notifying', () => this.#consider(alert, heardAt), {
      ...(alert.pair !== null && { pair: alert.pair }),
      ...(alert.server !== null && { server: alert.server }),
    });
  }

  /**
   * Goes on with those `wanted` in the outbox, which may be very many, and with what is `known` of them. Comes true
   * when this is stopped, too.
   */
  #catchUp(wanted: (delivery: Delivery) => boolean, known: readonly Delivery[] = []): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const listening = addAbortListener(signal, () => ended());
      const ended = (): void => {
        listening[Symbol.dispose]();
        resolve();
      };
      inSlices(this.#catchingUp(wanted, known), signal, ended);
    });
  }

  *#catchingUp(wanted: (delivery: Delivery) => boolean, known: readonly Delivery[]): Generator<void> {
    const reading: Reading = { wanted, heard: [], ahead: new Set(), behind: new Set() };
    this.#reading = reading;
    try {
      yield* this.#recalling(reading, known);
    } catch (error) {
      this.#mishaps.happened('going on with the outbox', error);
    }
    // What comes while these are looked at is looked at after them.
    for (const { alert, at } of reading.heard) {
      this.#look(alert, at);
      yield;
    }
    this.#reading = null;
  }

  *#recalling({ wanted, ahead }: Reading, known: readonly Delivery[]): Generator<void> {
    const { storage } = this.#options;
    const began = this.#clock();
    const unsent: Delivery[] = [];
    for (const delivery of both(storage.openDeliveries(), known)) {
      if (delivery && !ahead.has(delivery.alert.id) && wanted(delivery) && this.#isNew(delivery)) {
        this.#recall(delivery);
        if (delivery.endedAt === null) unsent.push(delivery);
      }
      yield;
    }
    const messages = Map.groupBy(
      unsent.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime()),
      ({ destination, key, message = key }) => `${destination}\n${message}`,
    );
    for (const parts of messages.values()) {
      const ended = endedWith(storage, parts);
      if (ended) yield* this.#note(parts, ended);
      else this.#resume(parts);
      yield;
    }
    for (const alert of storage.eachOpenAlert()) {
      this.#consider(alert, began);
      yield;
    }
  }

  /** What became of a message, of the parts of which it is not noted yet. */
  *#note(parts: readonly Delivery[], { state, endedAt, error, attempts }: Delivery): Generator<void> {
    for (const part of parts) {
      this.#options.storage.recordDelivery(Object.assign(part, { state, endedAt, error, attempts }));
      yield;
    }
  }

  /** Whether the last process left it, which perhaps can be read only later, and this one knows nothing of it. */
  #isNew(delivery: Delivery): boolean {
    const { key, destination, alert, endedAt } = delivery;
    const told = this.#told.get(alert.id) ?? [];
    if (told.some((known) => known.key === key && known.destination === destination)) return false;
    return endedAt !== null || !this.#staff.courier(destination)?.has(delivery);
  }

  #recall(delivery: Delivery): void {
    const { destination, alert, state } = delivery;
    this.#told.set(alert.id, [...(this.#told.get(alert.id) ?? []), delivery]);
    // In the order in which it happened, so that what is over does not fire again.
    if (state !== 'given-up' && state !== 'held-back') this.#staff.groups(destination)?.recall(delivery);
  }

  async stop(): Promise<void> {
    this.#forget?.();
    this.#unsubscribe?.();
    if (this.#posting) clearImmediate(this.#posting);
    this.#stopping.abort(new Error('Lockstep is stopping'));
    await this.#staff.stop();
  }

  /** What waits, by destination. */
  waiting(): Waiting[] {
    return this.#staff.waiting();
  }

  /** What became of messages, by destination. */
  brought(): Brought[] {
    return this.#staff.brought();
  }

  /** What was told about an alert, oldest first. */
  deliveries(alertId: string): Delivery[] {
    return this.#options.storage.deliveries(alertId);
  }

  /** Tells destinations, whatever they want to be told, that this is a test; once, with no further attempt. */
  test(by: string, name?: string): Promise<TestDelivery[]> {
    const { log } = this.#options;
    const tested = this.#destinations.filter(
      (destination) => name === undefined || destination.name === name,
    );
    const link = this.#link([]);
    return Promise.all(
      tested.map(async (destination) => {
        const told = await sendTest(destination, by, link, this.#stopping.signal);
        const level = told.ok ? 'info' : 'warn';
        log[level]({ destination: told.name, by }, `test notification to ${told.name}: ${told.message}`);
        return told;
      }),
    );
  }

  #labelsOf(pair: string | null): Readonly<Record<string, string>> {
    return this.#options.labelsOf?.(pair) ?? noLabels;
  }

  /** One message as an earlier process put it together. */
  #resume(deliveries: Delivery[]): void {
    const { destination, key, message } = deliveries[0]!;
    const courier = this.#staff.courier(destination);
    if (!courier) {
      const error = 'the destination is not in the configuration any more';
      const endedAt = new Date(this.#now());
      for (const delivery of deliveries) {
        this.#options.storage.recordDelivery({ ...delivery, state: 'given-up', endedAt, error });
      }
      return;
    }
    const parcel =
      message === undefined
        ? single(deliveries[0]!)
        : this.#staff.groups(destination)?.parcelOf(message, deliveries);
    courier.bring(parcel ?? { ...single(deliveries[0]!), key: message ?? key, deliveries });
  }

  /** `heardAt`: by the monotonic clock. */
  #consider(alert: Alert, heardAt: number): void {
    const { storage } = this.#options;
    const destinations = this.#destinations;
    if (alert.state === 'pending' || alert.firedAt === null || destinations.length === 0) return;
    const at = new Date(this.#now());
    const known = this.#told.get(alert.id) ?? [];
    // What is over is told once more, and then never again.
    if (alert.state === 'resolved') this.#told.delete(alert.id);
    const fresh = toTell(alert, known, destinations, this.#labelsOf(alert.pair), at);
    for (const delivery of fresh) {
      this.#staff.groups(delivery.destination)?.add(delivery, heardAt);
      storage.recordDelivery(delivery);
    }
    for (const groups of this.#staff.eachGroups()) {
      groups.heard(alert);
      if (alert.state === 'firing' && isSilenced(alert, at)) this.#holdBack(groups.withdraw(alert.id), at);
    }
    if (fresh.length === 0) return;
    if (alert.state !== 'resolved') this.#told.set(alert.id, [...known, ...fresh]);
    this.#written.push(...fresh.filter(({ message }) => message === undefined));
    this.#posting ??= setImmediate(() => this.#post());
  }

  /** Silenced while it was gathered. Once the silence is over it is told as if it had never been. */
  #holdBack(withdrawn: readonly Delivery[], at: Date): void {
    for (const delivery of withdrawn) {
      const error = 'the alert was silenced before it was sent';
      const held: Delivery = { ...delivery, state: 'held-back', endedAt: at, error };
      this.#options.storage.recordDelivery(held);
      const told = this.#told.get(held.alert.id) ?? [];
      this.#told.set(
        held.alert.id,
        told.map((known) => (known === delivery ? held : known)),
      );
    }
  }

  /** One write to the disk for all that was decided on in one turn. */
  #post(): void {
    this.#posting = null;
    const written = this.#written;
    this.#written = [];
    this.#options.storage.flush();
    for (const delivery of written) {
      const courier = this.#staff.courier(delivery.destination);
      if (!courier?.has(delivery)) courier?.bring(single(delivery));
    }
  }

  /** What was gathered in a group. Its last parts may not be on disk yet. */
  #send(destination: string, parcel: Parcel): void {
    const { storage } = this.#options;
    const [begun, ...others] = parcel.deliveries;
    if (begun?.first !== undefined) {
      // What it was begun with was held back: another one has to say what became of it.
      delete begun.first;
      for (const other of others) other.first = begun.key;
      for (const each of parcel.deliveries) storage.recordDelivery(each);
    }
    storage.flush();
    this.#staff.courier(destination)?.bring(parcel);
  }
}

function* both<Item>(first: Iterable<Item>, then: Iterable<Item>): Generator<Item> {
  yield* first;
  yield* then;
}
