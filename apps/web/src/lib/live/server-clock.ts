const REMEMBERED = 32;

/**
 * The service's clock, told from the instants it sends: the browser's own may be off by minutes, and an age
 * computed across two clocks would lie. Of the newest differences the smallest has the least travel in it.
 */
export class ServerClock {
  readonly #differences: number[] = [];
  #offsetMs = 0;

  /** `at`: when the service made something that has just arrived. */
  observe(at: string, received = Date.now()): void {
    const difference = received - Date.parse(at);
    if (Number.isNaN(difference)) return;
    this.#differences.push(difference);
    if (this.#differences.length > REMEMBERED) this.#differences.shift();
    this.#offsetMs = Math.min(...this.#differences);
  }

  now(): number {
    return Date.now() - this.#offsetMs;
  }
}

export const serverClock = new ServerClock();
