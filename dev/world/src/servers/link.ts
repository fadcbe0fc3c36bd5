import type { Random } from '../time/random.ts';
import type { VirtualTime } from '../time/virtual-time.ts';

/** A way between two machines: each thing takes its time, and now and then nothing comes through at all. */
export class Link {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #usualMs: number;
  readonly #mostMs: number;
  #stalledUntil = 0;

  constructor(time: VirtualTime, random: Random, { usualMs, mostMs }: { usualMs: number; mostMs: number }) {
    this.#time = time;
    this.#random = random;
    this.#usualMs = usualMs;
    this.#mostMs = mostMs;
  }

  /** Nothing comes through for so long; what is sent meanwhile comes after it. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#time.now + ms);
  }

  /** How long something takes that is sent now. */
  delay(): number {
    const held = Math.max(0, this.#stalledUntil - this.#time.now);
    return held + this.#random.heavy(this.#usualMs, this.#mostMs);
  }
}
