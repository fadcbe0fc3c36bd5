import { setImmediate as nextTurn } from 'node:timers/promises';
import { sliceMs } from './slices.ts';

/** For work that may take long, and waits for nothing: has it give everything else its turn in time. */
export class Breather {
  #since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#since >= sliceMs;
  }

  async breathe(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
