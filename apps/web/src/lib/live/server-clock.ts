/**
 * The service's clock, told from the instants it sends: the browser's own may be off by minutes, and an age
 * computed across two clocks would lie. The smallest difference seen is the one with the least travel in it.
 */
export class ServerClock {
  #offsetMs = 0;
  #known = false;

  /** `at`: when the service made something that has just arrived. */
  observe(at: string, received = Date.now()): void {
    const offset = received - Date.parse(at);
    if (Number.isNaN(offset)) return;
    if (!this.#known || offset < this.#offsetMs) {
      this.#known = true;
      this.#offsetMs = offset;
    }
  }

  /** After a pause (a suspended laptop, an adjusted clock) the old difference says nothing. */
  forget(): void {
    this.#known = false;
  }

  now(): number {
    return Date.now() - this.#offsetMs;
  }
}

export const serverClock = new ServerClock();
