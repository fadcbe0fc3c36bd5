/** How long work for clients may keep everything else waiting, in milliseconds. */
const sliceMs = 15;

/**
 * The event loop, shared out: work for clients goes on for a slice, then waits until everything else had its turn, and
 * of those who wait one goes on at a time, first come first served. So it is never longer than a slice that a sample,
 * an alert or somebody else's request waits, however many ask however much.
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

  /** Comes true in a turn of its own. */
  next(): Promise<void> {
    this.#schedule();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#began = null;
      for (const first of this.#waiting) {
        this.#waiting.delete(first);
        first();
        break;
      }
      if (this.#waiting.size > 0) this.#schedule();
    });
  }
}

/** All work of the process shares the one event loop. */
export const turns = new Turns();
