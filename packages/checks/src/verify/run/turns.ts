/** So many may ask the servers at a time; the others wait for their turn, those first who had one before. */
export class Turns {
  #free: number;
  readonly #back: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Resolves when it is one's turn, which `leave` has to end. */
  enter(back = false): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => (back ? this.#back : this.#waiting).push(resolve));
  }

  leave(): void {
    const next = this.#back.shift() ?? this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
