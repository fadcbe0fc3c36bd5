import type { StandingResult } from './snapshot.ts';

/**
 * Something reckoned of a result that is kept as long as the result is, and goes along with no copy of it. As a
 * WeakMap does; but all entries of those are looked through while everything else stands still for the collector, and
 * there may be a hundred thousand results.
 */
export class Kept<Value> {
  readonly #key = Symbol('kept');

  get(result: StandingResult): Value | undefined {
    return (result as { [key: symbol]: Value | undefined })[this.#key];
  }

  set(result: StandingResult, value: Value): void {
    Object.defineProperty(result, this.#key, { value, configurable: true, enumerable: false });
  }
}
