/** Work that waits, by whose it is. Each of them has theirs begun in turn, however much of it the others have. */
export class FairQueue {
  readonly #lines = new Map<string, Set<() => void>>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  add(work: () => void, whose: string): void {
    const line = this.#lines.get(whose);
    if (line) line.add(work);
    else this.#lines.set(whose, new Set([work]));
  }

  /** The first of whoever has waited longest; it is theirs again when everybody else had one. */
  take(): (() => void) | undefined {
    for (const [whose, line] of this.#lines) {
      for (const work of line) {
        line.delete(work);
        if (line.size === 0 || this.#lines.size > 1) this.#lines.delete(whose);
        if (line.size > 0) this.#lines.set(whose, line);
        return work;
      }
    }
    return undefined;
  }
}
