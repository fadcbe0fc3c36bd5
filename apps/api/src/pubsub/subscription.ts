import { turns } from '../turns.ts';
import { SharedRoom } from './shared-room.ts';
import { SlidingBuffer } from './sliding-buffer.ts';

const waitingLimit = 4_096;
/** Of all subscribers together: some hundred megabytes. */
const usualRoom = new SharedRoom(1_000_000);

/** So many subscribers are woken at a time, unless they are dear: what some ask for takes milliseconds each. */
const atATime = 16;
/** Those who are woken now, but for the first `called`. Lists, not sets, which each event would fill and empty. */
let waking: (() => void)[] = [];
let called = 0;
/** Those whose turn is after theirs. */
let toWake: (() => void)[] = [];

function wake(subscriber: () => void): void {
  if (toWake.push(subscriber) === 1 && waking.length === 0) turns.soon(wakeSome);
}

function wakeSome(): void {
  if (waking.length === 0) [waking, toWake] = [toWake, waking];
  const end = Math.min(called + atATime, waking.length);
  try {
    while (called < end) {
      waking[called++]?.();
      if (turns.exhausted()) break;
    }
  } finally {
    if (called === waking.length) {
      waking = [];
      called = 0;
    }
    if (waking.length + toWake.length > 0) turns.soon(wakeSome);
  }
}

export interface SubscriptionOptions<Value> {
  /** Starts listening; returns how to stop. */
  listen: (push: (value: Value) => void) => () => void;
  /** The values of now, sent first. Read after listening has begun, so nothing can fall in between. */
  current?: () => Iterable<Value>;
  /** Of two waiting values with the same key only the later one is sent. */
  keyOf: (value: Value) => string;
  /** Distinct keys that may wait; more are dropped, oldest first. */
  limit?: number;
  /** What may wait for all who have it in common; by default everybody. */
  room?: SharedRoom;
  /** Told to a reader who lost so many, before what comes after them; the stream ends with an error. */
  missed?: (count: number) => Value | Error;
}

/** Takes a value; the promise comes true when it can take another. */
export type Take<Value> = (value: Value) => Promise<void> | void;

/**
 * One subscriber's stream, pulled by its reader: current values, then events. It listens from the moment it is made,
 * not from the first `next()`, and holds at most the current values plus `limit` events.
 */
export class Subscription<Value> implements AsyncGenerator<Value, void, undefined> {
  readonly #buffer: SlidingBuffer<Value>;
  readonly #room: SharedRoom;
  readonly #keyOf: (value: Value) => string;
  readonly #missed: ((count: number) => Value | Error) | undefined;
  #droppedTold = 0;
  readonly #unlisten: () => void;
  readonly #readers: ((
    result: Promise<IteratorResult<Value, void>> | IteratorResult<Value, void>,
  ) => void)[] = [];
  #current: Iterator<Value> | null;
  /** Goes on with `flow`; null while nobody waits by it. */
  #pour: (() => void) | null = null;
  #ended = false;
  #waking = false;

  constructor(options: SubscriptionOptions<Value>) {
    const { listen, current, keyOf, limit = waitingLimit, room = usualRoom, missed } = options;
    this.#missed = missed;
    this.#room = room;
    this.#buffer = new SlidingBuffer(limit, room);
    this.#keyOf = keyOf;
    this.#unlisten = listen((value) => this.#push(value));
    try {
      this.#current = current?.()[Symbol.iterator]() ?? null;
    } catch (error) {
      this.#unlisten();
      this.#buffer.clear();
      throw error;
    }
    room.enter();
  }

  /**
   * Where much is at hand and is taken as fast as it is given, the rest of it waits for another turn. Who asks while
   * others wait is given theirs after them.
   */
  next(): Promise<IteratorResult<Value, void>> {
    if (this.#readers.length === 0 && !(this.#atHand && turns.exhausted())) {
      const result = this.#result();
      if (result !== null) return Promise.resolve(result);
    } else if (this.#atHand && !this.#waking) {
      this.#waking = true;
      turns.lastly(this.#wake);
    }
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** What a reader is given now; null where there is nothing yet. */
  #result(): Promise<IteratorResult<Value, void>> | IteratorResult<Value, void> | null {
    if (this.#ended) return { done: true, value: undefined };
    try {
      const lost = this.#lost();
      if (lost instanceof Error) throw lost;
      return lost === null ? this.#take() : { done: false, value: lost };
    } catch (error) {
      return this.throw(error);
    }
  }

  /**
   * In place of `next`, for a stream among thousands: hands each value to `take`, without a promise for each, and waits
   * for what that promises. Comes true at the end; rejects as `next` does, and with what `take` throws.
   */
  flow(take: Take<Value>): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        void this.return();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const pour = () => {
        try {
          for (let woken = this.#current === null; !this.#ended; woken = false) {
            if (!woken && this.#atHand && turns.exhausted()) return turns.lastly(pour);
            const lost = this.#lost();
            if (lost instanceof Error) throw lost;
            const value = lost === null ? this.#take() : { value: lost };
            if (value === null) return void (this.#pour = pour);
            const taken = take(value.value);
            if (taken) return void taken.then(pour, failed);
          }
          resolve();
        } catch (error) {
          failed(error);
        }
      };
      pour();
    });
  }

  return(): Promise<IteratorResult<Value, void>> {
    if (!this.#ended) {
      this.#unlisten();
      // What came before the end is theirs who waited for it.
      this.#wake();
    }
    if (!this.#ended) this.#room.leave();
    this.#ended = true;
    this.#buffer.clear();
    this.#current = null;
    for (const resolve of this.#readers.splice(0)) resolve({ done: true, value: undefined });
    this.#goOn();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<Value, void>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Who waits is woken in its turn: of an event for thousands, nobody else waits until all have sent it. */
  #push(value: Value): void {
    this.#buffer.push(this.#keyOf(value), value);
    if (this.#waking || (this.#readers.length === 0 && this.#pour === null)) return;
    this.#waking = true;
    wake(this.#wake);
  }

  readonly #wake = (): void => {
    this.#waking = false;
    while (this.#atHand) {
      const reader = this.#readers.shift();
      if (!reader) break;
      const result = this.#result();
      if (result === null) this.#readers.unshift(reader);
      else reader(result);
    }
    this.#goOn();
  };

  #goOn(): void {
    const pour = this.#pour;
    this.#pour = null;
    pour?.();
  }

  get #atHand(): boolean {
    return this.#current !== null || this.#buffer.size > 0;
  }

  #lost(): Value | Error | null {
    const count = this.#buffer.dropped - this.#droppedTold;
    if (count === 0 || !this.#missed) return null;
    this.#droppedTold = this.#buffer.dropped;
    return this.#missed(count);
  }

  /** A current value that a waiting event has overtaken is skipped: the event carries the newer one. */
  #take(): { done: false; value: Value } | null {
    while (this.#current) {
      const next = this.#current.next();
      if (next.done) this.#current = null;
      else if (!this.#buffer.has(this.#keyOf(next.value))) return { done: false, value: next.value };
    }
    const waiting = this.#buffer.shift();
    return waiting && { done: false, value: waiting.value };
  }
}
