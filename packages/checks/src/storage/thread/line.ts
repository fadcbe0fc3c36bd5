import { type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { StorageError } from '../storage-error.ts';
import { fromSent } from './across.ts';
import type { Answer, Message } from './messages.ts';

/**
 * A question is waited for in so many slices in which the thread ends nothing at all. Slices and not a time: on a
 * machine that has no time for the thread it has none for whoever waits either, and each slice takes longer.
 */
const sliceMs = 100;
const slices = 20;
/** Whoever only tells has time to see whether the thread is only slow. */
const watchMs = 1_000;
const watches = 5;
/** Ending writes all that waits, as one message. */
const endSlices = 45;
/** Further ahead of the thread nobody gets who can wait for it, so that memory stays what it is … */
const mostAhead = 2_000;
/** … and while it does not answer, not further than this; what is dispensable is given up from a quarter of it on. */
const mostWaiting = 200_000;

export interface LineOptions {
  worker: Worker;
  answers: MessagePort;
  done: Int32Array<SharedArrayBuffer>;
  /** Called when the thread stops answering, and when it goes on. */
  onLate: (late: boolean) => void;
  mostWaiting?: number;
}

/**
 * The way to the history's thread: what is told goes there and is not waited for, what is asked is waited for, and both
 * are done in their order. A thread that does nothing for some two seconds is late: nobody waits for it from then on,
 * until it has gone on.
 */
export class Line {
  readonly #worker: Worker;
  readonly #answers: MessagePort;
  readonly #done: Int32Array<SharedArrayBuffer>;
  readonly #onLate: (late: boolean) => void;
  readonly #most: number;
  #watch: NodeJS.Timeout | undefined;
  /** To open the file is the first message. */
  #sent = 1;
  /** What was done when it became late; null while it is not. */
  #lateAt: number | null = null;
  /** For the watch: what was done when it looked last, and how often it has been the same. */
  #watched = { done: 0, times: 0 };
  #dropped = 0;
  /** Why it will never answer again. */
  #over: string | null = null;

  constructor({ worker, answers, done, onLate, mostWaiting: most = mostWaiting }: LineOptions) {
    this.#worker = worker;
    this.#answers = answers;
    this.#done = done;
    this.#onLate = onLate;
    this.#most = most;
  }

  /** The file is open, or not waited for any longer. */
  begin(): void {
    this.#watch = setInterval(() => this.#look(), watchMs);
    this.#watch.unref();
  }

  /** Messages that the thread has not done yet. */
  get waiting(): number {
    return (this.#sent - Atomics.load(this.#done, 0)) | 0;
  }

  /** Given up, because too many waited already. */
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

  /** From now on it is late; until it does something. */
  beginLate(): void {
    if (this.#lateAt !== null) return;
    this.#lateAt = Atomics.load(this.#done, 0);
    this.#onLate(true);
  }

  /** It has ended, for this reason. */
  end(why: string): void {
    clearInterval(this.#watch);
    this.#over ??= why;
  }

  /** `dispensable`: given up sooner than others. */
  tell(method: string, args: unknown[], dispensable: boolean): void {
    if (this.#over === null && this.waiting >= mostAhead && !this.late) this.#letCatchUp();
    if (this.#over !== null || this.waiting >= (dispensable ? this.#most / 4 : this.#most)) {
      this.#dropped++;
      return;
    }
    this.#send({ id: null, method, args });
  }

  /** Throws what the thread threw, and StorageError when it does not answer. */
  ask<T>(method: string, args: unknown[], patience = slices): T {
    if (this.late) throw this.#unanswered();
    const id = this.#sent + 1;
    this.#send({ id, method, args });
    const answer = this.#waitFor(() => this.#take(id), patience);
    if (!answer) throw this.#unanswered();
    const { error, value } = answer;
    if (error) throw fromSent(error);
    return value as T;
  }

  /** As `ask`, for the last question. */
  askLast<T>(method: string): T {
    return this.ask<T>(method, [], endSlices);
  }

  #send(message: Message): void {
    this.#worker.postMessage(message);
    this.#sent = (this.#sent + 1) | 0;
  }

  #letCatchUp(): void {
    this.#waitFor(() => this.waiting < mostAhead / 2, slices);
  }

  /** What `look` finds that is something; what it found last, and late, when the thread did nothing meanwhile. */
  #waitFor<Found>(look: () => Found, patience: number): Found {
    let seen = Atomics.load(this.#done, 0);
    for (let idle = 0; ;) {
      const found = look();
      if (found || idle >= patience) {
        if (!found) this.beginLate();
        return found;
      }
      Atomics.wait(this.#done, 0, seen, sliceMs);
      const now = Atomics.load(this.#done, 0);
      idle = now === seen ? idle + 1 : 0;
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

  /** Whoever only tells waits for nothing: that the thread does nothing is seen by the way. */
  #look(): void {
    const done = Atomics.load(this.#done, 0);
    const isStuck = this.waiting > 0 && done === this.#watched.done;
    this.#watched = { done, times: isStuck ? this.#watched.times + 1 : 0 };
    if (this.#watched.times >= watches) this.beginLate();
    this.#notice();
  }

  #notice(): void {
    if (this.#lateAt === null || Atomics.load(this.#done, 0) === this.#lateAt) return;
    this.#lateAt = null;
    this.#onLate(false);
  }

  #unanswered(): StorageError {
    return new StorageError('unreadable', this.#over ?? 'the history’s disk does not answer');
  }
}
