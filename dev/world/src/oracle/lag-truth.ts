import type { Source } from '../servers/source.ts';
import type { Target } from '../servers/target.ts';
import type { VirtualTime } from '../time/virtual-time.ts';

/**
 * How old the oldest change is that the target does not have: by its position, which is what can be seen, and by its
 * data, which come a little before. A change is as old as the source's position that has it.
 */
export interface TrueLag {
  byPositionMs: number;
  byDataMs: number;
}

export class LagTruth {
  readonly #time: VirtualTime;
  readonly #source: Source;
  readonly #target: Target;
  readonly #leftOut: number | null;

  /** `leftOut`: a domain that the target is not to get. */
  constructor(time: VirtualTime, source: Source, target: Target, leftOut: number | null) {
    this.#time = time;
    this.#source = source;
    this.#target = target;
    this.#leftOut = leftOut;
  }

  now(by: 'gtid' | 'file'): TrueLag {
    const { says, has } = this.#target;
    return { byPositionMs: this.#since(says, by), byDataMs: this.#since(has, by) };
  }

  #since(has: { upTo: number; includes: (number: number) => boolean }, by: 'gtid' | 'file'): number {
    const { binlog, bornAt } = this.#source;
    let oldest = Infinity;
    for (let index = has.upTo; index < binlog.length; index++) {
      if (has.includes(index + 1)) continue;
      // By file even what is left out has to be passed.
      if (by === 'gtid' && binlog[index]?.domain === this.#leftOut) continue;
      const born = by === 'file' ? binlog[index]?.at : bornAt[index];
      if (born !== undefined && born < oldest) oldest = born;
    }
    return oldest === Infinity ? 0 : this.#time.now - oldest;
  }
}
