/** However many there are, nobody loses anything who has no more than this waiting. */
const least = 64;

/**
 * How much may wait for all subscribers together: one client may have thousands, and let each fill up. Where it comes
 * to too much, who has more than an equal part of it loses the oldest.
 */
export class SharedRoom {
  readonly #most: number;
  #members = 0;
  #waiting = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** What waits for all of them. */
  get waiting(): number {
    return this.#waiting;
  }

  enter(): void {
    this.#members++;
  }

  leave(): void {
    this.#members--;
  }

  /** So many more wait; fewer where it is below zero. */
  add(count: number): void {
    this.#waiting += count;
  }

  /** Whether one for whom so many wait is to lose one before another comes. */
  isFullFor(size: number): boolean {
    return this.#waiting >= this.#most && size >= Math.max(least, this.#most / this.#members);
  }
}
