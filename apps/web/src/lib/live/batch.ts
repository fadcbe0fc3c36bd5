/**
 * Changes are gathered and made together: of hundreds that come one by one, each made for itself would have the page
 * think all over for it. The first is made at once, what follows it at most every `gapMs`.
 */
export class Batch {
  #changes: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;
  readonly #gapMs: number;

  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  add(change: () => void): void {
    this.#changes.push(change);
    const waitMs = Math.max(0, this.#last + this.#gapMs - performance.now());
    this.#timer ??= setTimeout(() => this.flush(), waitMs);
  }

  /** Makes what was gathered now. */
  flush(): void {
    this.#cancelTimer();
    this.#last = performance.now();
    // A change may be the first of others that are made together, too.
    while (this.#changes.length > 0) {
      const changes = this.#changes;
      this.#changes = [];
      for (const change of changes) change();
    }
  }

  /** Forgets what was gathered. */
  cancel(): void {
    this.#cancelTimer();
    this.#changes = [];
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
