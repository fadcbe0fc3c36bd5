/** The set of the numbers from 1 on that a server has of one origin, as MySQL prints it: `uuid:1-5:7`. */
export class Numbers {
  /** All up to here. */
  #upTo = 0;
  readonly #beyond = new Set<number>();

  add(number: number): void {
    this.#beyond.add(number);
    while (this.#beyond.delete(this.#upTo + 1)) this.#upTo++;
  }

  /** How many of them, counted from 1 without a gap. */
  get upTo(): number {
    return this.#upTo;
  }

  includes(number: number): boolean {
    return number <= this.#upTo || this.#beyond.has(number);
  }

  print(uuid: string): string {
    const parts = this.#upTo > 0 ? [range(1, this.#upTo)] : [];
    const beyond = [...this.#beyond].sort((a, b) => a - b);
    for (let i = 0; i < beyond.length; i++) {
      const from = beyond[i] as number;
      let to = from;
      while (beyond[i + 1] === to + 1) to = beyond[++i] as number;
      parts.push(range(from, to));
    }
    return parts.length === 0 ? '' : `${uuid}:${parts.join(':')}`;
  }
}

function range(from: number, to: number): string {
  return from === to ? String(from) : `${from}-${to}`;
}
