import type { Membership, View } from '../position/membership.ts';
import { type MysqlGtidSet, parseMysqlGtidSet, unionMysqlGtidSet } from '../position/mysql-gtid-set.ts';

/** What a group goes on from. */
export interface Beginning<Look> {
  /** One of these began it. */
  by: string[];
  has: MysqlGtidSet;
  /** What others had by then. */
  others: ReadonlyMap<string, Look>;
}

/** A member that takes no part in its group, as of its last look, and what others had by then. */
interface Out<Look> {
  has: MysqlGtidSet;
  others: Map<string, Look>;
  at: number;
}

/** In less nobody is let into a group, gets what it lacks and is out again, without being seen. */
const outForMs = 30_000;

/**
 * Notices groups of Group Replication that are begun anew, and what they go on from. The first view of a group is that
 * of one member alone, and what it had while it was out, or has then, is all that the group has. Where others are in
 * the first view that is seen, it is not more than all of them had while they were out.
 */
export class Beginnings<Look> {
  readonly #out = new Map<string, Out<Look>>();
  readonly #lineages = new Map<string, string>();
  /** As views name them. */
  readonly #addresses = new Map<string, string>();

  /**
   * At every look at a member; `isForced`: it was told to go on without the majority of its group, see `MadeToGoOn`.
   * Null where none begins, or where it is not known from what.
   */
  take(
    server: string,
    membership: Membership,
    { sentAt, receivedAt: at, isForced }: { sentAt: number; receivedAt: number; isForced: boolean },
    othersBy: (time: number) => Map<string, Look>,
  ): Beginning<Look> | null {
    const { standing, view, kept, address } = membership;
    if (address) this.#addresses.set(server, address);
    const last = this.#out.get(server);
    const out = last && at - last.at <= outForMs ? last : null;
    const isOut = standing === 'left' || standing === 'no-quorum';
    if (isOut && kept !== undefined) {
      this.#out.set(server, { has: parseMysqlGtidSet(kept), others: othersBy(at), at });
    }
    if (!view || view.lineage === '' || standing === 'left') return null;
    if (!isOut) this.#out.delete(server);
    const isNew = this.#lineages.get(server) !== view.lineage;
    this.#lineages.set(server, view.lineage);
    if (isNew && view.number === 1n && view.size === 1) {
      return out
        ? { by: [server], has: out.has, others: out.others }
        : { by: [server], has: hasOrGets(membership), others: othersBy(sentAt) };
    }
    return out && !isOut && (isNew || isForced) ? this.#ofAll(server, view, out) : null;
  }

  forget(server: string): void {
    this.#out.delete(server);
    this.#lineages.delete(server);
    this.#addresses.delete(server);
  }

  address(server: string): string | null {
    return this.#addresses.get(server) ?? null;
  }

  /** Null where some of those in the view were not seen out just before. */
  #ofAll(server: string, { members, size }: View, out: Out<Look>): Beginning<Look> | null {
    const by = [server, ...this.#addresses.keys()].filter((name, index, all) => {
      return all.indexOf(name) === index && members.includes(this.#addresses.get(name) ?? '');
    });
    const outs = by.map((name) => (name === server ? out : this.#out.get(name)));
    if (by.length !== size || outs.some((each) => !each || out.at - each.at > outForMs)) return null;
    const has = outs.reduce<MysqlGtidSet>(
      (all, each) => unionMysqlGtidSet(all, each?.has ?? new Map()),
      new Map(),
    );
    return { by, has, others: new Map([...out.others].filter(([name]) => !by.includes(name))) };
  }
}

/** All of its own, what it is committing, and what it received before and is still to apply. */
function hasOrGets({ position, shown, received }: Membership): MysqlGtidSet {
  return [position, shown, received].reduce<MysqlGtidSet>(
    (all, each) => (each?.kind === 'mysql-gtid' ? unionMysqlGtidSet(all, parseMysqlGtidSet(each.text)) : all),
    new Map(),
  );
}
