/** How long work for clients may keep everything else waiting, in milliseconds. */
const sliceMs = 15;

/**
 * The event loop, shared out: work for clients goes on for a slice, then waits until everything else had its turn, and
 * those who wait go on one after the other, first come first served, while there is something left of the slice. So it
 * is never longer than a slice that a sample, an alert or somebody else's request waits, however many ask however much.
 */
export class Turns {
  /** When work began in this turn of the event loop; null before. */
  #began: number | null = null;
  #scheduled = false;
  readonly #waiting = new Set<() => void>();
  readonly #prompt = new Set<() => void>();
  /** Which of the two begins, turn about: neither keeps the other waiting for more than a turn. */
  #promptFirst = true;

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
  next(): Promise<void> {
    return new Promise((resolve) => this.later(resolve));
  }

  /** The same without a promise: for what is done for thousands at once. */
  later(work: () => void): void {
    this.#schedule();
    this.#waiting.add(work);
  }

  /** For what is little and new, such as an event to be told: it waits behind its like, not behind all that is long. */
  soon(work: () => void): void {
    this.#schedule();
    this.#prompt.add(work);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#began = null;
      this.#promptFirst = !this.#promptFirst;
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#began ??= performance.now();
    const promptly = this.#prompt.size > 0 && (this.#promptFirst || this.#waiting.size === 0);
    const queue = promptly ? this.#prompt : this.#waiting;
    for (const first of queue) {
      queue.delete(first);
      first();
      break;
    }
    if (this.#waiting.size + this.#prompt.size === 0) return;
    // A tick that a microtask asks for comes when no microtask is left: when the first has done what it could.
    queueMicrotask(() => process.nextTick(this.#nextIfTime));
  }

  readonly #nextIfTime = (): void => {
    if (this.exhausted()) this.#schedule();
    else this.#goOn();
  };
}

/** All work of the process shares the one event loop. */
export const turns = new Turns();
