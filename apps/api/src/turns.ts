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
    return new Promise((resolve) => this.soon(resolve));
  }

  /** The same without a promise: for what is done for thousands at once. */
  soon(work: () => void): void {
    this.#schedule();
    this.#waiting.add(work);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#began = null;
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#began ??= performance.now();
    for (const first of this.#waiting) {
      this.#waiting.delete(first);
      first();
      break;
    }
    if (this.#waiting.size === 0) return;
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
