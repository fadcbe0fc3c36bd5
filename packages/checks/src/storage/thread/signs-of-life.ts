import { readFileSync, readlinkSync } from 'node:fs';

/** By which the system knows the thread that asks; 0 where it does not tell. */
export function systemsIdOfThread(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/**
 * Whether a thread that has not answered is at work on it, or waits for a disk, by what the system says of it. Where it
 * says nothing, no thread is ever at work.
 */
export class SignsOfLife {
  /** 0 while it is not known. */
  readonly #id: () => number;
  #ticks = '';

  constructor(id: () => number) {
    this.#id = id;
  }

  /** It had the processor since this was asked last; or is in line for it. */
  works(orIsInLine?: 'or is in line'): boolean {
    const id = this.#id();
    if (!(id > 0)) return false;
    try {
      const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
      // Its name may hold anything, a bracket too.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const before = this.#ticks;
      this.#ticks = `${fields[11]} ${fields[12]}`;
      return this.#ticks !== before || (orIsInLine !== undefined && fields[0] === 'R');
    } catch {
      return false;
    }
  }
}
