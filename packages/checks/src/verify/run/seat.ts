import { setTimeout as delay } from 'node:timers/promises';
import type { Position } from '../../position/position.ts';
import type { TableBarrier } from '../settle/barrier.ts';
import { barrierBut } from '../settle/barrier-but.ts';
import type { Turns } from './turns.ts';

/** A wait that ends sooner is not worth letting another go first. */
const shortMs = 500;

export interface SeatEvents {
  /** It waits, and leaves its turn to another. */
  onLeave: () => void;
  /** It goes on. */
  onReturn: () => void;
}

/**
 * One piece of work's place among the turns. While it waits for the target, which may be an hour behind on purpose, it
 * gives its turn away and takes one again afterwards: so all that a delayed target has to be waited for with is waited
 * for together.
 */
export class Seat {
  readonly #turns: Turns;
  readonly #events: SeatEvents;
  /** Resolved when it has its turn; null while it has none, and seeks none. */
  #inside: Promise<void> | null = null;
  #leftAt = 0;
  #awayMs = 0;

  constructor(turns: Turns, events: SeatEvents) {
    this.#turns = turns;
    this.#events = events;
  }

  /** Does the work when it is its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    await (this.#inside = this.#turns.enter());
    try {
      return await work();
    } finally {
      await this.#return();
      this.#turns.leave();
      this.#inside = null;
    }
  }

  /** How long it had given its turn away. */
  get awayMs(): number {
    return this.#awayMs;
  }

  /** The same barrier, waited at outside of the turn. */
  outside(barrier: TableBarrier): TableBarrier {
    return barrierBut(barrier, {
      untilTargetHas: (position: Position | null, signal: AbortSignal) =>
        this.#wait(barrier.untilTargetHas(position, signal)),
      untilSourceHas: (position: Position | null, signal: AbortSignal) =>
        this.#wait(barrier.untilSourceHas(position, signal)),
    });
  }

  async #wait<T>(waiting: Promise<T>): Promise<T> {
    const long = Symbol('long');
    const timer = new AbortController();
    try {
      const first = await Promise.race([
        waiting,
        delay(shortMs, long, { signal: timer.signal }).catch(() => long),
      ]);
      if (first !== long) return await waiting;
    } finally {
      timer.abort();
    }
    this.#leave();
    try {
      return await waiting;
    } finally {
      await this.#return();
    }
  }

  /** Several parts of one piece of work may wait side by side: the first leaves, and the first goes back. */
  #leave(): void {
    if (!this.#inside) return;
    void this.#inside.then(() => this.#turns.leave());
    this.#inside = null;
    this.#leftAt = performance.now();
    this.#events.onLeave();
  }

  async #return(): Promise<void> {
    if (!this.#inside) {
      this.#awayMs += performance.now() - this.#leftAt;
      this.#inside = this.#turns.enter(true);
      this.#events.onReturn();
    }
    await this.#inside;
  }
}
