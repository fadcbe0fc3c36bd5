import type { View } from '../position/membership.ts';
import {
  formatMysqlGtidSet,
  isMysqlGtidSubset,
  type MysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../position/mysql-gtid-set.ts';
import { shortened } from '../position/position.ts';
import { type Beginning, Beginnings } from './beginnings.ts';
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
  by: string[];
  lineage: string;
  /** Views of this lineage were those of the group before as well. */
  isForced: boolean;
  /** Whoever was seen before: who lost nothing has nothing here. */
  seen: ReadonlySet<string>;
  lost: Map<string, Lost>;
}

/**
 * Notices groups of Group Replication that are begun anew from a member which lacks what others have. The group goes on
 * from what that one has, and gives the numbers that it lacks again; who has them of before is let in once the group
 * has as many, and by sets of GTIDs all have the same.
 */
export class BegunWithout {
  /** The last two of each server. */
  readonly #looks = new Map<string, Look[]>();
  readonly #beginnings = new Beginnings<Look>();
  #begun: Begun[] = [];

  /** At every look at a MySQL server; `isForced`: see `MadeToGoOn`. */
  take(
    server: string,
    identity: string,
    { gtid, membership, sentAt, receivedAt: at }: PositionSample,
    isForced = false,
  ): void {
    const look = { history: gtid.history, identity, at };
    this.#looks.set(server, [...(this.#looks.get(server) ?? []).slice(-1), look]);
    for (const { lost } of this.#begun) {
      const own = lost.get(server);
      // Set up anew, and what it has of these numbers from now on is of the new ones.
      if (own && (own.identity !== identity || !hasAll(look.history, own.numbers))) lost.delete(server);
    }
    if (membership?.kind !== 'group-replication') return;
    const { group, view, standing } = membership;
    const times = { sentAt, receivedAt: at, isForced };
    const begins = this.#beginnings.take(server, membership, times, (time) => this.#othersBy(server, time));
    if (!view || view.lineage === '' || standing === 'left') return;
    if (begins) this.#notice(begins, view.lineage, group.toLowerCase(), isForced);
    this.#noticeGiven(server, view, look.history);
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
    this.#beginnings.forget(server);
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
      const why = `their group was begun anew by ${by.join(' or ')} without ${numbers}, which ${one} has, and gave these numbers to others, which ${other} has: their GTIDs say nothing of each other until ${one} is set up anew`;
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

  #notice({ by, has, others }: Beginning<Look>, lineage: string, group: string, isForced: boolean): void {
    this.#begun = this.#begun.filter(({ lost }) => lost.size > 0);
    const lost = new Map<string, Lost>();
    for (const [server, { history, identity }] of others) {
      const had = [...parseMysqlGtidSet(history)].filter(([origin]) => origin.startsWith(group));
      const numbers = subtractMysqlGtidSet(new Map(had), has);
      if (numbers.size > 0) lost.set(server, { identity, numbers, given: false, settled: new Set() });
    }
    if (lost.size === 0) return;
    this.#begun.push({ by, lineage, isForced, seen: new Set([...by, ...others.keys()]), lost });
  }

  #noticeGiven(server: string, { lineage, members }: View, history: string): void {
    for (const begun of this.#begun) {
      if (begun.lineage !== lineage || begun.lost.has(server)) continue;
      // What others go on with in the lineage of before is not of it.
      const isIn = begun.by.some((name) => members.includes(this.#beginnings.address(name) ?? ''));
      if (begun.isForced && !isIn) continue;
      for (const own of begun.lost.values()) own.given ||= hasSome(history, own.numbers);
    }
  }
}

function hasAll(history: string, numbers: MysqlGtidSet): boolean {
  return isMysqlGtidSubset(numbers, parseMysqlGtidSet(history));
}

function hasSome(history: string, numbers: MysqlGtidSet): boolean {
  const rest = subtractMysqlGtidSet(numbers, parseMysqlGtidSet(history));
  return formatMysqlGtidSet(rest) !== formatMysqlGtidSet(numbers);
}
