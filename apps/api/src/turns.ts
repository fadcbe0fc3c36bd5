import { FairQueue } from './fair-queue.ts';

/** How long work for clients may keep everything else waiting, in milliseconds. */
const sliceMs = 15;

/**
 * The event loop, shared out: work for clients goes on for a slice, then waits until everything else had its turn, and
 * those who wait go on one after the other, first come first served, while there is something left of the slice. So it
 * is never longer than a slice that a sample, an alert or somebody else's request waits, however many ask however much.
 * Who they are is said by `whose`, where it is known: nobody's many are served before another's one.
 */
export class Turns {
  /** When work began in this turn of the event loop; null before. */
  #began: number | null = null;
  #scheduled = false;
  readonly #prompt = new FairQueue();
  readonly #waiting = new FairQueue();
  readonly #lasting = new FairQueue();
  /** One of them begins, turn about: none keeps another waiting for more than two turns. */
  readonly #queues = [this.#prompt, this.#waiting, this.#lasting];
  #first = 0;

  /** Whether this turn's slice is used up: then `next` is to be waited for. */
  exhausted(): boolean {
    const now = performance.now();
    if (this.#began === null) {
      this.#began = now;
      this.#schedule();
    }
    return now - this.#began > sliceMs;
  }

  /** Comes true when everything else had its turn. */
  next(whose = ''): Promise<void> {
    return new Promise((resolve) => this.later(resolve, whose));
  }

  /** The same without a promise: for what is done for thousands at once. */
  later(work: () => void, whose = ''): void {
    this.#schedule();
    this.#waiting.add(work, whose);
  }

  /** For what is little and new, such as an event to be told: it waits behind its like, not behind all that is long. */
  soon(work: () => void): void {
    this.#schedule();
    this.#prompt.add(work, '');
  }

  /**
   * For what goes on and on, such as streams, of which one client may have thousands: it waits behind its like, so that
   * what is asked once is answered however many there are.
   */
  lastly(work: () => void): void {
    this.#schedule();
    this.#lasting.add(work, '');
  }

  /** The same as a promise. */
  last(): Promise<void> {
    return new Promise((resolve) => this.lastly(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#began = null;
      this.#first = this.#nextAfter(this.#first);
      if (!this.#queues[this.#first]!.isEmpty) this.#goOn();
    });
  }

  #goOn(): void {
    this.#began ??= performance.now();
    const queue = this.#queues[this.#first]!;
    queue.take()?.();
    if (queue.isEmpty) this.#first = this.#nextAfter(this.#first);
    // Where nobody waits any more, the slice still ends with the turn.
    if (this.#queues[this.#first]!.isEmpty) return this.#schedule();
    // A tick that a microtask asks for comes when no microtask is left: when the first has done what it could.
    queueMicrotask(() => process.nextTick(this.#nextIfTime));
  }

  /** The next in which somebody waits; itself where nobody does in the others. */
  #nextAfter(queue: number): number {
    const others = [1, 2].map((step) => (queue + step) % this.#queues.length);
    return others.find((other) => !this.#queues[other]!.isEmpty) ?? queue;
  }

  readonly #nextIfTime = (): void => {
    if (this.exhausted()) this.#schedule();
    else this.#goOn();
  };
}

/** All work of the process shares the one event loop. */
export const turns = new Turns();
