/**
 * What waits for one slow subscriber: the latest value of each key, oldest key first. Past `limit` keys the oldest
 * goes, so its memory is bounded whatever is published and however long nobody reads.
 */
export class SlidingBuffer<Value> {
  /** Values that nobody will get: replaced ones do not count, for their key's latest was or will be read. */
  dropped = 0;
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.size;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** A key that waits already keeps its place in the queue, so that a busy one cannot starve itself. */
  push(key: string, value: Value): void {
    if (!this.#values.has(key) && this.#values.size >= this.#limit) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        this.dropped++;
        break;
      }
    }
    this.#values.set(key, value);
  }

  shift(): { key: string; value: Value } | null {
    for (const [key, value] of this.#values) {
      this.#values.delete(key);
      return { key, value };
    }
    return null;
  }

  clear(): void {
    this.#values.clear();
  }
}
