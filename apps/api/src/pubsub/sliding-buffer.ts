import type { SharedRoom } from './shared-room.ts';

/**
 * What waits for one slow subscriber: the latest value of each key, oldest key first. Past `limit` keys the oldest
 * goes, so its memory is bounded whatever is published and however long nobody reads.
 */
export class SlidingBuffer<Value> {
  /** Values that nobody will get: replaced ones do not count, for their key's latest was or will be read. */
  dropped = 0;
  readonly #limit: number;
  readonly #room: SharedRoom | undefined;
  /** The oldest. Most subscribers keep up and have no other: each of thousands would fill and empty a map for it. */
  #oldest: { key: string; value: Value } | null = null;
  /** Those after it; none as long as there never were two. */
  #others: Map<string, Value> | null = null;

  /** `room`: what it has together with others. */
  constructor(limit: number, room?: SharedRoom) {
    this.#limit = limit;
    this.#room = room;
  }

  get size(): number {
    return this.#oldest === null ? 0 : 1 + (this.#others?.size ?? 0);
  }

  has(key: string): boolean {
    return this.#oldest?.key === key || (this.#others?.has(key) ?? false);
  }

  /** A key that waits already keeps its place in the queue, so that a busy one cannot starve itself. */
  push(key: string, value: Value): void {
    if (this.#oldest?.key === key) {
      this.#oldest = { key, value };
      return;
    }
    if (!this.#others?.has(key)) {
      if (this.size >= this.#limit || this.#room?.isFullFor(this.size)) {
        this.shift();
        this.dropped++;
      }
      this.#room?.add(1);
    }
    if (this.#oldest === null) this.#oldest = { key, value };
    else (this.#others ??= new Map()).set(key, value);
  }

  shift(): { key: string; value: Value } | null {
    const first = this.#oldest;
    this.#oldest = null;
    if (first) this.#room?.add(-1);
    if (!this.#others?.size) return first;
    for (const [key, value] of this.#others) {
      this.#others.delete(key);
      this.#oldest = { key, value };
      break;
    }
    return first;
  }

  clear(): void {
    this.#room?.add(-this.size);
    this.#oldest = null;
    this.#others = null;
  }
}
