import { Seat } from './seat.ts';
import type { Turns } from './turns.ts';

export interface CrewOptions {
  turns: Turns;
  /** Workers that do not wait for the target. */
  size: number;
  /** No work is left to be taken up, and what was taken up waits for the target. */
  onWaiting: () => void;
}

/** Pieces of work that may wait for the target at once: each keeps in memory what it found. */
const mostWaiting = 100;

/**
 * Workers that take up one piece of work after another, so many at a time. One that has to wait lets another work in
 * its place.
 */
export class Crew {
  readonly #options: CrewOptions;
  readonly #workers = new Set<Promise<void>>();
  #next: (seat: Seat) => Promise<boolean> = () => Promise.resolve(false);
  #working = 0;
  #waiting = 0;
  #over = false;
  #failure: { error: unknown } | null = null;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /**
   * `next` takes up a piece of work and does it; false when there is none left. Resolves when all is done; rejects with
   * the first failure, when what was taken up has ended.
   */
  async work(next: (seat: Seat) => Promise<boolean>): Promise<void> {
    this.#next = next;
    // Whatever becomes of the workers, it is not over before there is nothing left to be taken up.
    while (!this.#over) {
      for (let i = 0; i < this.#options.size; i++) this.#hire();
      while (this.#workers.size > 0) await Promise.all(this.#workers);
    }
    if (this.#failure) throw this.#failure.error;
  }

  #hire(): void {
    this.#working++;
    const worker = this.#labour()
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#over = true;
      })
      .finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
  }

  async #labour(): Promise<void> {
    try {
      // Those who come back from waiting do not add to the crew.
      while (!this.#over && this.#working <= this.#options.size) await this.#takeUp();
    } finally {
      this.#working--;
      this.#tell();
    }
  }

  async #takeUp(): Promise<void> {
    const seat = new Seat(this.#options.turns, {
      onLeave: () => {
        this.#working--;
        this.#waiting++;
        if (!this.#over && this.#waiting < mostWaiting) this.#hire();
        this.#tell();
      },
      onReturn: () => {
        this.#working++;
        this.#waiting--;
      },
    });
    const more = await seat.take(async () => !this.#over && (await this.#next(seat)));
    if (!more) this.#over = true;
  }

  #tell(): void {
    if (this.#over && this.#working === 0 && this.#waiting > 0) this.#options.onWaiting();
  }
}
