import type { Membership, View } from '../position/membership.ts';

interface Seen extends View {
  group: string;
  address: string | null;
}

/**
 * Notices members that had lost the majority of their group and were told to go on without it (`pc.bootstrap`,
 * `group_replication_force_members`). They go on from what they have, and give the numbers of all else again. Nobody
 * else comes from there to a view of half of that group or less. As long as some of the others go on as well, these are
 * two halves.
 */
export class MadeToGoOn {
  /** The last of each that it took part in. */
  readonly #views = new Map<string, Seen>();
  /** Which one they have lost the majority of, by their own word. */
  readonly #cutOff = new Map<string, Seen>();
  readonly #silent = new Set<string>();

  /** At every look at a member; true when it is the first that shows that it was told so. */
  take(server: string, { standing, view, group, address = null }: Membership): boolean {
    this.#silent.delete(server);
    const seen = view && { ...view, group, address };
    if (standing === 'no-quorum') {
      const of = seen ?? this.#views.get(server);
      if (of) this.#cutOff.set(server, of);
    }
    if (standing === 'left') this.forget(server);
    if (!seen || (standing !== 'in' && standing !== 'donor')) return false;
    this.#views.set(server, seen);
    const of = this.#cutOff.get(server);
    const isAlone = of !== undefined && this.#goOnAlone(seen, of);
    // Those that died just before may not be known to be silent yet.
    if (isAlone && this.#goOnElsewhere(seen)) return false;
    this.#cutOff.delete(server);
    return isAlone;
  }

  /** It did not answer. */
  fault(server: string): void {
    this.#silent.add(server);
  }

  forget(server: string): void {
    this.#views.delete(server);
    this.#cutOff.delete(server);
    this.#silent.delete(server);
  }

  /** All of them had lost the same majority. */
  #goOnAlone({ group, lineage, number, size, members, address }: Seen, of: Seen): boolean {
    if (group !== of.group || lineage !== of.lineage || number <= of.number) return false;
    if (size * 2 > of.size || members.length !== size) return false;
    const cutOff = new Set([address, ...[...this.#cutOff.values()].map((other) => other.address)]);
    return members.every((member) => cutOff.has(member));
  }

  #goOnElsewhere({ group, members }: Seen): boolean {
    return [...this.#views].some(([server, other]) => {
      const isThere = !this.#silent.has(server) && !this.#cutOff.has(server);
      return isThere && other.group === group && !members.includes(other.address ?? '');
    });
  }
}
