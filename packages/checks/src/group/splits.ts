import { areOne } from '../server/instance.ts';
import { whySplit } from './judge-members.ts';
import type { Member } from './members.ts';

/** Two members that are not one group, and why. */
export interface Split {
  between: readonly [string, string];
  why: string;
}

/** The first of all; null when they are one group, or nobody knows. */
export function firstSplit(members: readonly Member[]): Split | null {
  for (const [i, a] of members.entries()) {
    for (const b of members.slice(i + 1)) {
      const why = areOne(a.instance, b.instance) ? null : whySplit(a, b);
      if (why !== null) return { between: [a.server, b.server], why };
    }
  }
  return null;
}

/** Remembers which groups were split, for a half that is not heard any more may go on all the same. */
export class Splits {
  readonly #last = new Map<string, Split['between']>();

  /** A person said so. */
  over(id: string): void {
    this.#last.delete(id);
  }

  /** Who was in another half when it answered last, and may be in it still; null: nobody. */
  unheard(id: string, split: Split | null, members: readonly Member[]): string | null {
    if (split) this.#last.set(id, split.between);
    const between = this.#last.get(id);
    if (split || !between) return null;
    const silent = members.find(({ server, silent }) => silent !== null && between.includes(server));
    const isBack = silent && members.some((other) => isWith(silent, other));
    if (!silent || isBack) this.over(id);
    return silent && !isBack ? silent.server : null;
  }
}

/** By the other's word. */
function isWith({ address }: Member, { membership, silent }: Member): boolean {
  return silent === null && membership?.view?.members.includes(address) === true;
}
