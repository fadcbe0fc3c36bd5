/** Lets one after the other go on, in the order in which they came. */
export class OneByOne {
  #last: Promise<void> = Promise.resolve();

  /** Comes true when all that came before have ended; call what it gives when this one has. */
  async next(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}
