import { type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { StorageError } from '../storage-error.ts';
import { fromSent } from './across.ts';
import type { Answer, Message } from './messages.ts';
import { SignsOfLife } from './signs-of-life.ts';
import { spentByHistory } from './spent.ts';

/**
 * A question is waited for in so many slices in which the thread ends nothing, and works at nothing. Slices and not a
 * time: on a machine that has no time for the thread it has none for whoever waits either, and each takes longer.
 */
const sliceMs = 100;
const slices = 20;
/** What was waited in vain is taken off, down to this; a second gives one back. A slow disk slows nobody for long. */
const leastSlices = 10;
/** One that works all the time is waited for so many times as long; longest for what is to be gone on with. */
const whileItWorks = { asked: 2.5, recalled: 30 };
/** Whoever only tells has time to see whether the thread is only slow. */
const watchMs = 1_000;
const watches = 5;
/** Ending writes all that waits, as one message; where the program is at its end already it is hurried. */
const endSlices = { usual: 45, hurried: 20 };
/** Whoever only tells waits no longer than this for a thread that it is far ahead of. */
const aheadSlices = 5;
/** Further ahead of the thread nobody gets who can wait for it, so that memory stays what it is … */
const mostAhead = 2_000;
/** … and while it does not answer, not further than this, in rows; of the dispensable a quarter. */
const mostWaiting = 200_000;

export interface LineOptions {
  worker: Worker;
  answers: MessagePort;
  done: Int32Array<SharedArrayBuffer>;
  /** Called when the thread stops answering, and when it goes on. */
  onLate: (late: boolean) => void;
  /** Takes in what the thread has said by now. */
  hear: () => void;
  mostWaiting?: number;
}

/** What is told is dispensable where it is given up sooner than others; rows are what it holds memory by. */
export interface Weight {
  dispensable: boolean;
  rows: number;
}

/**
 * The way to the history's thread: what is told goes there and is not waited for, what is asked is waited for, and both
 * are done in their order. A thread that does nothing for some two seconds, and works at nothing, is late: nobody waits
 * for it from then on, until it has gone on, and has caught up.
 */
export class Line {
  readonly #worker: Worker;
  readonly #answers: MessagePort;
  readonly #done: Int32Array<SharedArrayBuffer>;
  readonly #onLate: (late: boolean) => void;
  readonly #hear: () => void;
  readonly #most: number;
  #watch: NodeJS.Timeout | undefined;
  /** To open the file is the first message. */
  #sent = 1;
  /** What it had done when it became late; null while it is not. */
  #lateAt: number | null = null;
  /** It is late with something that it works at. */
  #isSlow = false;
  /** For the watch: what it had done when that looked last, and how often it has been the same. */
  #watched = { done: 0, times: 0 };
  #dropped = 0;
  /** Messages of several rows that are not done, and how many rows those are beyond one each. */
  readonly #heavy: { message: number; more: number }[] = [];
  #more = 0;
  readonly #signs: SignsOfLife;
  /** In slices. */
  #patience = slices;
  /** Why it will never answer again. */
  #over: string | null = null;

  constructor({ worker, answers, done, onLate, hear, mostWaiting: most = mostWaiting }: LineOptions) {
    this.#worker = worker;
    this.#answers = answers;
    this.#done = done;
    this.#signs = new SignsOfLife(() => Atomics.load(done, 1));
    this.#onLate = onLate;
    this.#hear = hear;
    this.#most = most;
  }

  /** The file is open, or not waited for any longer. */
  begin(): void {
    this.#signs.works();
    this.#watch = setInterval(() => this.#look(), watchMs);
    this.#watch.unref();
  }

  /** Messages that the thread has not done yet. */
  get waiting(): number {
    return (this.#sent - Atomics.load(this.#done, 0)) | 0;
  }

  /** The rows in them. */
  get rows(): number {
    const done = Atomics.load(this.#done, 0);
    let ended = 0;
    for (const { message, more } of this.#heavy) {
      if (((message - done) | 0) > 0) break;
      this.#more -= more;
      ended++;
    }
    this.#heavy.splice(0, ended);
    return this.waiting + this.#more;
  }

  /** It is late, and does something all the same. */
  get isAtWork(): boolean {
    return this.#lateAt !== null && (this.#isSlow || this.#hasGoneOn());
  }

  /** Rows given up, because too many waited already. */
  get dropped(): number {
    return this.#dropped;
  }

  get late(): boolean {
    this.#notice();
    return this.#lateAt !== null || this.#over !== null;
  }

  /** Why it will never answer again; null while it may. */
  get over(): string | null {
    return this.#over;
  }

  /** From now on it is late; until it has done something, and not much is left. */
  beginLate(isSlow = false): void {
    if (this.#lateAt !== null) return;
    this.#lateAt = this.#signOfLife;
    this.#isSlow = isSlow;
    this.#onLate(true);
  }

  /** It has ended, for this reason. */
  end(why: string): void {
    clearInterval(this.#watch);
    this.#over ??= why;
  }

  tell(method: string, args: unknown[], { dispensable, rows }: Weight): void {
    if (this.#over === null && this.waiting >= mostAhead && !this.late) this.#letCatchUp();
    const isFull = this.rows >= (dispensable ? this.#most / 4 : this.#most);
    if (this.#over !== null || (isFull && this.late)) {
      this.#dropped += rows;
      return;
    }
    this.#send({ id: null, method, args });
    if (rows <= 1) return;
    this.#heavy.push({ message: this.#sent, more: rows - 1 });
    this.#more += rows - 1;
  }

  /** Throws what the thread threw, and StorageError when it does not answer. */
  ask<T>(method: string, args: unknown[], why: keyof typeof whileItWorks = 'asked'): T {
    if (this.late) throw this.#unanswered();
    return this.#ask<T>(method, args, this.#patience, whileItWorks[why]);
  }

  /** As `ask`, for the last question: also of one that is late, for its disk may answer just now. */
  askLast<T>(method: string, how: keyof typeof endSlices): T {
    if (this.#over !== null) throw this.#unanswered();
    try {
      return this.#ask<T>(method, [], endSlices[how]);
    } finally {
      // Whoever ends has no time for it later.
      this.#hear();
    }
  }

  #ask<T>(method: string, args: unknown[], patience: number, longer = whileItWorks.asked): T {
    const id = this.#sent + 1;
    this.#send({ id, method, args });
    const { found, idle, inVain } = this.#waitFor(() => this.#take(id), patience, longer);
    this.#patience = found ? Math.max(leastSlices, this.#patience - inVain) : leastSlices;
    if (!found) {
      this.beginLate(idle < patience);
      throw this.#unanswered();
    }
    const { error, value, tookMs } = found;
    spentByHistory(tookMs);
    if (error) throw fromSent(error);
    return value as T;
  }

  #send(message: Message): void {
    this.#worker.postMessage(message);
    this.#sent = (this.#sent + 1) | 0;
  }

  #letCatchUp(): void {
    const isNear = () => this.waiting < mostAhead / 2;
    const { idle, inVain } = this.#waitFor(isNear, aheadSlices, whileItWorks.asked);
    // One that has much to do and does it is no disk that hangs: who is ahead of it waits at the next message, too.
    if (!isNear() && inVain >= aheadSlices) this.beginLate(idle < aheadSlices);
  }

  /** Other than before where it ended a message, or said how it is, which it does once a second. */
  get #signOfLife(): number {
    return Atomics.load(this.#done, 0) + Atomics.load(this.#done, 2);
  }

  #hasGoneOn(): boolean {
    return this.#signOfLife !== this.#lateAt;
  }

  /**
   * What `look` finds that is something, or what it found last when the thread was not done with it in time; with how
   * many slices it did nothing last, and in all.
   */
  #waitFor<Found>(
    look: () => Found,
    patience: number,
    longer: number,
  ): { found: Found; idle: number; inVain: number } {
    const until = performance.now() + patience * longer * sliceMs;
    let seen = Atomics.load(this.#done, 0);
    let inVain = 0;
    for (let idle = 0; ;) {
      const found = look();
      if (found || idle >= patience || performance.now() >= until) return { found, idle, inVain };
      Atomics.wait(this.#done, 0, seen, sliceMs);
      const now = Atomics.load(this.#done, 0);
      idle = now === seen && !this.#signs.works('or is in line') ? idle + 1 : 0;
      if (idle > 0) inVain++;
      seen = now;
    }
  }

  /** Answers to those who no longer wait are passed over. */
  #take(id: number): Answer | null {
    for (;;) {
      const received: { message: Answer } | undefined = receiveMessageOnPort(this.#answers);
      if (!received) return null;
      if (received.message.id === id) return received.message;
    }
  }

  /** Whoever only tells, or does nothing, waits for nothing: that the thread does nothing is seen by the way. */
  #look(): void {
    const done = this.#signOfLife;
    const isStuck = done === this.#watched.done && !this.#signs.works();
    this.#watched = { done, times: isStuck ? this.#watched.times + 1 : 0 };
    if (this.#watched.times >= watches) this.#hangs();
    this.#notice();
    if (this.#lateAt === null && this.#patience < slices) this.#patience++;
  }

  #hangs(): void {
    if (this.#lateAt === null) return this.beginLate();
    // It went on, and hangs again.
    this.#lateAt = this.#signOfLife;
    this.#isSlow = false;
  }

  #notice(): void {
    // With much left, whoever asks would wait for all of it.
    if (this.#lateAt === null || !this.#hasGoneOn() || this.waiting >= mostAhead / 2) return;
    this.#lateAt = null;
    this.#onLate(false);
  }

  #unanswered(): StorageError {
    const late = this.isAtWork
      ? 'the history has much to do: ask again'
      : 'the history’s disk does not answer';
    return new StorageError('unreadable', this.#over ?? late);
  }
}
