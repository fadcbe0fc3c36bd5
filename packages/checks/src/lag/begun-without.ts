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
  /** What it went on from, and the lineage of the views that its first member had before; '' where none was seen. */
  has: MysqlGtidSet;
  before: string;
  /** Who was seen in it, with what each had there last. */
  there: Map<string, Look>;
  /** Of those that came from it to others, which went on in the one before. Absent: nobody. */
  left?: Begun;
  /** It is what others left. */
  beside?: boolean;
}

interface Found extends Pick<Begun, 'lost'> {
  why: string;
  beside: boolean;
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
  /** Of the last view that each had as a member. */
  readonly #lineages = new Map<string, string>();
  /** Who is in no group, by its own word, or comes to one, since it was in one. */
  readonly #left = new Set<string>();
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
    if (standing === 'left' || standing === 'joining') this.#left.add(server);
    const times = { sentAt, receivedAt: at, isForced };
    const begins = this.#beginnings.take(server, membership, times, (time) => this.#othersBy(server, time));
    if (!view || view.lineage === '' || standing === 'left') return;
    if (begins) this.#notice(begins, view.lineage, group.toLowerCase(), isForced);
    for (const begun of this.#begun) this.#follow(begun, server, view, look, group.toLowerCase());
    this.#noticeGiven(server, view, look.history);
    this.#lineages.set(server, view.lineage);
    if (standing !== 'joining') this.#left.delete(server);
  }

  /**
   * Why positions of the two say nothing of each other, in the tables of one pair; null where they do, as far as is
   * known.
   */
  between(a: string, b: string, pair = ''): string | null {
    return this.#either(a, b, pair).find(({ beside }) => !beside)?.why ?? null;
  }

  /** The same where one of the two came from a group that was begun anew to the other, which went on beside that. */
  wereBeside(a: string, b: string, pair = ''): string | null {
    return this.#either(a, b, pair).find(({ beside }) => beside)?.why ?? null;
  }

  /** The other one was seen last in a group that was begun anew, and the first in the one before. */
  isInAnother(server: string, other: string): boolean {
    return this.#begun.some(({ there, beside, before }) => {
      return !beside && there.has(other) && !there.has(server) && this.#lineages.get(server) === before;
    });
  }

  /** The two hold the same in the tables of one pair, whatever numbers they had; of other tables nobody knows. */
  settle(a: string, b: string, pair = ''): void {
    for (const { lost } of this.#either(a, b, pair)) {
      for (const server of [a, b]) lost.get(server)?.settled.add(pair);
    }
  }

  forget(server: string): void {
    this.#looks.delete(server);
    this.#beginnings.forget(server);
    this.#lineages.delete(server);
    this.#left.delete(server);
    for (const { lost, there } of this.#begun) {
      lost.delete(server);
      there.delete(server);
    }
  }

  #either(a: string, b: string, pair: string): Found[] {
    return [...this.#lostTo(a, b, pair), ...this.#lostTo(b, a, pair)];
  }

  /** Whenever one lost what the other was not seen with, or was found to hold as those hold it. */
  #lostTo(one: string, other: string, pair: string): Found[] {
    const has = this.#looks.get(other)?.at(-1)?.history;
    if (has === undefined) return [];
    return this.#begun.flatMap(({ by, seen, lost, beside }): Found[] => {
      const [own, theirs] = [lost.get(one), lost.get(other)];
      if (!own?.given || own.settled.has(pair) || !seen.has(other)) return [];
      // Who lost less of them has the rest of those that were given since.
      const without =
        theirs?.settled.size === 0 ? subtractMysqlGtidSet(own.numbers, theirs.numbers) : own.numbers;
      if (!hasSome(has, without)) return [];
      const numbers = shortened(formatMysqlGtidSet(without));
      if (beside) return [{ why: wasBeside(one, other, by, numbers), lost, beside: true }];
      const why = `their group was begun anew by ${by.join(' or ')} without ${numbers}, which ${one} has, and gave these numbers to others, which ${other} has: their GTIDs say nothing of each other until ${one} is set up anew`;
      return [{ why, lost, beside: false }];
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
    const lineages = new Set(this.#lineages.values());
    this.#begun = this.#begun.filter((begun) => begun.lost.size > 0 || lineages.has(begun.lineage));
    const lost = new Map<string, Lost>();
    for (const [server, { history, identity }] of others) {
      const numbers = subtractMysqlGtidSet(ofGroup(history, group), has);
      if (numbers.size > 0) lost.set(server, { identity, numbers, given: false, settled: new Set() });
    }
    const before = by.map((name) => this.#lineages.get(name) ?? '').find((name) => name !== '') ?? '';
    const there = new Map(
      by.flatMap(
        (name) =>
          this.#looks
            .get(name)
            ?.slice(-1)
            .map((look) => [name, look] as const) ?? [],
      ),
    );
    const seen = new Set([...by, ...others.keys()]);
    this.#begun.push({ by, lineage, isForced, seen, lost, has, before, there });
  }

  /** Who comes from it to others, which went on in the one before, is let in by its numbers, and keeps what it had. */
  #follow(begun: Begun, server: string, { lineage, members }: View, look: Look, group: string): void {
    const { there, isForced } = begun;
    if (begun.beside) return;
    const listed = [...this.#looks.keys()].filter(
      (name) => name !== server && members.includes(this.#beginnings.address(name) ?? ''),
    );
    const others = listed.filter((name) => !there.has(name));
    const stays = (name: string) => there.has(name) && !this.#left.has(name);
    const comes = lineage === begun.before && (!isForced || this.#left.has(server));
    const had = there.get(server);
    if (had === undefined) {
      const isIn = isForced ? comes && listed.some(stays) : lineage === begun.lineage;
      if (isIn) there.set(server, look);
    } else if (comes && others.length > 0 && !listed.some(stays)) {
      there.delete(server);
      this.#leave(begun, server, had, group);
    } else if (lineage === begun.lineage) {
      there.set(server, look);
      // It never left, so they came.
      if (isForced && stays(server)) for (const name of others) this.#comesTo(begun, name);
    }
  }

  #comesTo({ there, lineage }: Begun, server: string): void {
    const look = this.#looks.get(server)?.at(-1);
    if (look && !this.#left.has(server) && this.#lineages.get(server) === lineage) there.set(server, look);
  }

  #leave(begun: Begun, server: string, { history, identity }: Look, group: string): void {
    const numbers = subtractMysqlGtidSet(ofGroup(history, group), begun.has);
    if (numbers.size === 0) return;
    if (begun.left === undefined || !this.#begun.includes(begun.left)) {
      begun.left = {
        ...begun,
        lineage: begun.before,
        isForced: false,
        seen: new Set(this.#lineages.keys()),
        lost: new Map(),
        there: new Map(),
        beside: true,
      };
      this.#begun.push(begun.left);
    }
    begun.left.lost.set(server, { identity, numbers, given: false, settled: new Set() });
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

function wasBeside(one: string, other: string, by: string[], numbers: string): string {
  return `their group was begun anew by ${by.join(' or ')} while others went on with the one before, and each gave ${numbers} to changes of its own, of which ${one} has the one's and ${other} the others': their GTIDs say nothing of each other until ${one} is set up anew`;
}

function ofGroup(history: string, group: string): MysqlGtidSet {
  return new Map([...parseMysqlGtidSet(history)].filter(([origin]) => origin.startsWith(group)));
}

function hasAll(history: string, numbers: MysqlGtidSet): boolean {
  return isMysqlGtidSubset(numbers, parseMysqlGtidSet(history));
}

function hasSome(history: string, numbers: MysqlGtidSet): boolean {
  const rest = subtractMysqlGtidSet(numbers, parseMysqlGtidSet(history));
  return formatMysqlGtidSet(rest) !== formatMysqlGtidSet(numbers);
}
