import {
  formatMysqlGtidSet,
  isMysqlGtidSubset,
  type MysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
  unionMysqlGtidSet,
} from '../position/mysql-gtid-set.ts';
import { shortened } from '../position/position.ts';
import type { PositionSample } from './position-sample.ts';

interface Look {
  /** What the server had executed. */
  history: string;
  identity: string;
  at: number;
}

/** What a server had that its group was begun anew without. */
interface Lost {
  identity: string;
  numbers: MysqlGtidSet;
  /** The group was seen to have given some of the numbers to others. */
  given: boolean;
  /** For whom the server was found to hold what those hold that were not without them. */
  settled: Set<string>;
}

interface Begun {
  by: string;
  lineage: string;
  /** Whoever was seen before: who lost nothing has nothing here. */
  seen: ReadonlySet<string>;
  lost: Map<string, Lost>;
}

/** A member that is out of its group, as of its last look, and what others had by then. */
interface Out {
  has: MysqlGtidSet;
  others: Map<string, Look>;
  at: number;
}

/** In less nobody is let into a group, gets what it lacks and is out again, without being seen. */
const outForMs = 30_000;

/**
 * Notices groups of Group Replication that are begun anew from a member which lacks what others have. The group goes on
 * from what that one has, and gives the numbers that it lacks again; who has them of before is let in once the group
 * has as many, and by sets of GTIDs all have the same. The first view of a group is that of one member alone, and what
 * it had while it was out, or has then, is all that the group has.
 */
export class BegunWithout {
  /** The last two of each server. */
  readonly #looks = new Map<string, Look[]>();
  readonly #out = new Map<string, Out>();
  readonly #lineages = new Map<string, string>();
  #begun: Begun[] = [];

  /** At every look at a MySQL server. */
  take(server: string, identity: string, { gtid, membership, sentAt, receivedAt: at }: PositionSample): void {
    const look = { history: gtid.history, identity, at };
    this.#looks.set(server, [...(this.#looks.get(server) ?? []).slice(-1), look]);
    for (const { lost } of this.#begun) {
      const own = lost.get(server);
      // Set up anew, and what it has of these numbers from now on is of the new ones.
      if (own && (own.identity !== identity || !hasAll(look.history, own.numbers))) lost.delete(server);
    }
    if (membership?.kind !== 'group-replication') return;
    const out = this.#out.get(server);
    const { standing, view, kept } = membership;
    if (standing === 'left' && kept !== undefined) {
      this.#out.set(server, { has: parseMysqlGtidSet(kept), others: this.#othersBy(server, at), at });
    } else this.#out.delete(server);
    if (!view || view.lineage === '' || standing === 'left') return;
    const isNew = this.#lineages.get(server) !== view.lineage;
    this.#lineages.set(server, view.lineage);
    if (isNew && view.number === 1n && view.size === 1) {
      const known = out && at - out.at <= outForMs ? out : null;
      const [has, others] = known
        ? [known.has, known.others]
        : [hasOrGets(membership), this.#othersBy(server, sentAt)];
      this.#notice(server, view.lineage, membership.group.toLowerCase(), has, others);
    }
    this.#noticeGiven(server, view.lineage, look.history);
  }

  /**
   * Why positions of the two say nothing of each other, in the tables of one pair; null where they do, as far as is
   * known.
   */
  between(a: string, b: string, pair = ''): string | null {
    const [first] = [...this.#lostTo(a, b, pair), ...this.#lostTo(b, a, pair)];
    return first?.why ?? null;
  }

  /** The two hold the same in the tables of one pair, whatever numbers they had; of other tables nobody knows. */
  settle(a: string, b: string, pair = ''): void {
    for (const { lost } of [...this.#lostTo(a, b, pair), ...this.#lostTo(b, a, pair)]) {
      for (const server of [a, b]) lost.get(server)?.settled.add(pair);
    }
  }

  forget(server: string): void {
    this.#looks.delete(server);
    this.#out.delete(server);
    this.#lineages.delete(server);
    for (const { lost } of this.#begun) lost.delete(server);
  }

  /** Whenever one lost what the other was not seen with, or was found to hold as those hold it. */
  #lostTo(one: string, other: string, pair: string): { why: string; lost: Begun['lost'] }[] {
    const has = this.#looks.get(other)?.at(-1)?.history;
    if (has === undefined) return [];
    return this.#begun.flatMap(({ by, seen, lost }) => {
      const [own, theirs] = [lost.get(one), lost.get(other)];
      if (!own?.given || own.settled.has(pair) || !seen.has(other)) return [];
      // Who lost less of them has the rest of those that were given since.
      const without =
        theirs?.settled.size === 0 ? subtractMysqlGtidSet(own.numbers, theirs.numbers) : own.numbers;
      if (!hasSome(has, without)) return [];
      const numbers = shortened(formatMysqlGtidSet(without));
      const why = `their group was begun anew by ${by} without ${numbers}, which ${one} has, and gave these numbers to others, which ${other} has: their GTIDs say nothing of each other until ${one} is set up anew`;
      return [{ why, lost }];
    });
  }

  #othersBy(server: string, time: number): Map<string, Look> {
    const others = new Map<string, Look>();
    for (const [name, looks] of this.#looks) {
      const look = name === server ? undefined : looks.findLast(({ at }) => at <= time);
      if (look) others.set(name, look);
    }
    return others;
  }

  #notice(by: string, lineage: string, group: string, has: MysqlGtidSet, others: Map<string, Look>): void {
    this.#begun = this.#begun.filter(({ lost }) => lost.size > 0);
    const lost = new Map<string, Lost>();
    for (const [server, { history, identity }] of others) {
      const had = [...parseMysqlGtidSet(history)].filter(([origin]) => origin.startsWith(group));
      const numbers = subtractMysqlGtidSet(new Map(had), has);
      if (numbers.size > 0) lost.set(server, { identity, numbers, given: false, settled: new Set() });
    }
    if (lost.size > 0) this.#begun.push({ by, lineage, seen: new Set([by, ...others.keys()]), lost });
  }

  #noticeGiven(server: string, lineage: string, history: string): void {
    for (const begun of this.#begun) {
      if (begun.lineage !== lineage || begun.lost.has(server)) continue;
      for (const own of begun.lost.values()) own.given ||= hasSome(history, own.numbers);
    }
  }
}

/** All of its own, what it is committing, and what it received before and is still to apply. */
function hasOrGets({ position, shown, received }: NonNullable<PositionSample['membership']>): MysqlGtidSet {
  return [position, shown, received].reduce<MysqlGtidSet>(
    (all, each) => (each?.kind === 'mysql-gtid' ? unionMysqlGtidSet(all, parseMysqlGtidSet(each.text)) : all),
    new Map(),
  );
}

function hasAll(history: string, numbers: MysqlGtidSet): boolean {
  return isMysqlGtidSubset(numbers, parseMysqlGtidSet(history));
}

function hasSome(history: string, numbers: MysqlGtidSet): boolean {
  const rest = subtractMysqlGtidSet(numbers, parseMysqlGtidSet(history));
  return formatMysqlGtidSet(rest) !== formatMysqlGtidSet(numbers);
}
