import type { Membership } from '../position/membership.ts';
import type { Position } from '../position/position.ts';

/** What a node had applied of its channels when it came back to its cluster, which it was out of as it applied. */
export interface BroughtBack {
  server: string;
  applied: Position;
}

/**
 * Notices nodes of Galera that apply what comes by their channels while they take no part in their cluster (`wsrep_on`
 * is off there). That is in nobody's number, so the others never get it, whatever comes by the same channel after.
 */
export class AppliedOutside {
  /** What each had applied at the first look at which it was out, and at the last. */
  readonly #out = new Map<string, { first: Position; last: Position }>();
  readonly #back = new Map<string, BroughtBack>();

  /** At every look at a server that is a member of a cluster, or was. */
  take(server: string, membership: Pick<Membership, 'kind' | 'standing'> | null, applied: Position): void {
    if (membership?.kind !== 'galera') return this.forget(server);
    const out = this.#out.get(server);
    if (membership.standing === 'left') {
      this.#out.set(server, { first: out?.first ?? applied, last: applied });
      return;
    }
    if (!out || (membership.standing !== 'in' && membership.standing !== 'donor')) return;
    this.#out.delete(server);
    if (out.last.text !== out.first.text) this.#back.set(server, { server, applied: out.last });
  }

  /** Who is out at present. */
  get away(): Iterable<string> {
    return this.#out.keys();
  }

  /** Who came back so, and was not seen to since: the same object for as long. */
  get back(): Iterable<BroughtBack> {
    return this.#back.values();
  }

  forget(server: string): void {
    this.#out.delete(server);
    this.#back.delete(server);
  }
}
