import type { PositionSample } from './position-sample.ts';

/** A transaction must be missing on the other side for this many looks, lest one on its way there be called lost. */
const looks = 2;

/**
 * Holds a target's past against its source's present. What the target had then and the source has not now cannot
 * simply be too new.
 */
export class LookBack {
  #past: PositionSample[] = [];

  /**
   * Takes in the target's newest sample, at a slow, steady rate, and the source's newest answer. Returns the sample
   * that is old enough; null while there is none, or while the source was not asked after it.
   */
  look(target: PositionSample, source: Pick<PositionSample, 'sentAt'>): PositionSample | null {
    this.#past.push(target);
    if (this.#past.length <= looks) return null;
    const then = this.#past.shift() as PositionSample;
    return source.sentAt >= then.receivedAt ? then : null;
  }

  reset(): void {
    this.#past = [];
  }
}
