import { parseMariadbGtidList } from '../position/mariadb-gtid-list.ts';
import type { Position } from '../position/position.ts';
import type { BegunAnew, Numbering, Reached } from './begun-anew.ts';

/** What a replica had applied, and when that was told, on the monotonic clock in ms. */
interface Had {
  applied: Position;
  at: number;
}

/** A cluster was begun anew from a number that is below what a replica had of it. */
export interface LostNumbers {
  applied: Position;
  /** What it had of the domain, and where the cluster went on from. */
  had: bigint;
  domain: string;
  from: bigint;
}

/** So many looks are kept that one of them was over when a node was asked. */
const looksKept = 3;

/** Follows what a replica had when its source's cluster, or another one, was begun anew. */
export class NumbersHad {
  /** The first is of when the source's cluster was last looked at, or of before. */
  #looks: Had[] = [];
  #lost = new WeakMap<Numbering, LostNumbers>();
  #replica: string | null = null;

  reset(): void {
    this.#looks = [];
    this.#lost = new WeakMap();
  }

  /**
   * At every look at the replica, which goes by its identity: what it has of numbers that the source's cluster gives
   * again; null for nothing.
   */
  notice(look: Had | null, replica: string, source: string, anew: BegunAnew): LostNumbers | null {
    if (replica !== this.#replica) this.reset();
    this.#replica = replica;
    for (const numbering of anew.numberings) {
      const lost = this.#lost.has(numbering) ? null : this.#lostTo(numbering);
      if (lost) this.#lost.set(numbering, lost);
    }
    const lastLook = anew.lastLook(source) ?? -Infinity;
    const known = this.#looks.findLastIndex(({ at }) => at <= lastLook);
    if (known > 0) this.#looks.splice(0, known);
    if (look) this.#looks.push(look);
    if (this.#looks.length > 1 + looksKept) this.#looks.splice(1, 1);
    for (let own = anew.of(source); own; own = own.after) {
      const lost = this.#lost.get(own);
      if (lost) return lost;
    }
    return null;
  }

  #lostTo({ domain, from, lately }: Numbering): LostNumbers | null {
    return this.#lostSince(domain, from) ?? this.#lostSince(domain, lately);
  }

  #lostSince(domain: string, { server, sequence: from, by }: Reached): LostNumbers | null {
    const then = this.#looks.findLast(({ at }) => at <= by);
    if (then?.applied.kind !== 'mariadb-gtid') return null;
    const had = parseMariadbGtidList(then.applied.text).get(domain);
    // Nodes that number alike have one server id; others may write in that domain, too.
    if (had?.server !== server || had.sequence <= from) return null;
    return { applied: then.applied, had: had.sequence, domain, from };
  }
}
