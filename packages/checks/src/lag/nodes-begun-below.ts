import { isOtherBinlog } from '../position/other-binlog.ts';
import type { Version } from '../server/flavour.ts';
import type { PositionSample } from './position-sample.ts';

/** The first MariaDB whose clusters give a number to each view as well. */
export const numbersViews: Version = [10, 4, 0];

interface Look {
  identity: string;
  /** The history that its numbers are of. */
  group: string;
  seqno: bigint;
  /** The number of the view that it had, who is named in that, and how many are not, as an arbitrator. */
  view: bigint;
  members: readonly string[];
  unnamed: number;
  address: string | null;
  binlog: string;
  at: number;
}

/** What a node had that its cluster was begun anew without. */
interface Lost {
  /** Before it came to the one that was begun. */
  had: Look;
  /** For which pairs it was found to hold what the other one of the two holds. */
  settled: Set<string>;
}

interface Begun {
  by: string;
  group: string;
  /** The number that it went on from, or one below; those above it are given again. */
  from: bigint;
  /** The number of the view before its first. */
  views: bigint;
  lost: Map<string, Lost>;
  /** Who was seen in it. Who goes on in the one before has what that commits, and nothing of this one's. */
  there: Set<string>;
  /** Of those that came from it to others, which went on in the one before, and what they had. Absent: nobody. */
  left?: Begun;
  /** It is what others left. */
  beside?: true;
}

/**
 * Notices Galera clusters that are begun anew from a node which lacks what others have. The cluster gives those numbers
 * again, to other changes; who has as many as it then has, or fewer, is let in by its number alone, is sent what
 * follows, and keeps what it had. A node that is copied whole has nothing of that: its numbers went back, or its binlog
 * is another one.
 */
export class NodesBegunBelow {
  /** The last two of each node. */
  readonly #looks = new Map<string, Look[]>();
  /** Who did not answer, or was in no cluster, since its last look. */
  readonly #out = new Set<string>();
  /** When each was seen last to be a donor, or desynced. */
  readonly #gave = new Map<string, number>();
  #begun: Begun[] = [];

  /** At every look at a node; `isForced`: see `MadeToGoOn`. */
  take(
    server: string,
    identity: string,
    { membership, gtid, sentAt, receivedAt: at }: PositionSample,
    isForced = false,
  ): void {
    const position = membership?.position;
    if (membership?.standing === 'donor') this.#gave.set(server, at);
    if (!membership?.view || position?.kind !== 'galera') return this.fault(server);
    const { group, seqno } = position;
    const { number, size, members } = membership.view;
    const unnamed = size - members.length;
    const address = membership.address ?? null;
    const last = this.#looks.get(server)?.at(-1);
    const before = last?.group === group ? last : null;
    const binlog = gtid.history;
    const look = { identity, group, seqno, view: number, members, unnamed, address, binlog, at };
    for (const begun of this.#begun) if (begun.group === group) this.#follow(begun, server, look);
    const isAlone = number === 1n && size === 1 && before?.view !== 1n;
    const isFirst = before !== null && number < before.view && !this.#isThere(look, before);
    // Each view has a number of its own among those of the changes.
    if (isForced) {
      const views = number - 1n;
      this.#notice(server, look, before, { time: sentAt, mostHad: seqno - 1n, views, but: members });
    } else if (isAlone || isFirst) {
      this.#notice(server, look, before, { time: sentAt, mostHad: seqno - number, views: 0n, but: [] });
    }
    this.#looks.set(server, [...(this.#looks.get(server) ?? []).slice(-1), look]);
    this.#out.delete(server);
  }

  /** It did not answer, or is in no cluster. */
  fault(server: string): void {
    this.#out.add(server);
  }

  /**
   * Why of two nodes, whose numbers are of one history, each may hold what the other lacks, in the tables of one pair;
   * null where that is not known of them.
   */
  between(a: string, b: string, pair: string): string | null {
    const [one, other] = [a, b].map((server) => this.#looks.get(server)?.at(-1)?.group);
    for (const { by, group, from, lost, there, beside } of this.#begun) {
      if (one !== group || other !== group) continue;
      const [ofA, ofB] = [lost.get(a), lost.get(b)];
      if ((ofA && !there.has(a)) || (ofB && !there.has(b))) continue;
      const [hadA, hadB] = [ofA?.had.seqno ?? from, ofB?.had.seqno ?? from];
      if (hadA === hadB || ofA?.settled.has(pair) || ofB?.settled.has(pair)) continue;
      const [who, had, least] = hadA > hadB ? [a, hadA, hadB] : [b, hadB, hadA];
      const again = beside
        ? 'while others went on with the one before, and each gave the numbers after it'
        : 'and gave the numbers after it again';
      return `their cluster was begun anew by ${by} from number ${from}, ${again}: ${who} had changes with those up to ${had}, and ${who === a ? b : a} has others from ${least + 1n} on; whether both hold the same is not known until ${who} is copied whole, or all tables were compared`;
    }
    return null;
  }

  /** The other one was seen last in a cluster that was begun anew, and not the first, as far as is known. */
  isInAnother(server: string, other: string): boolean {
    const [one, two] = [server, other].map((name) => this.#looks.get(name)?.at(-1));
    // Who came to whom is known of those alone that views name.
    if (!one || !two || one.address === null || two.address === null) return false;
    return this.#begun.some(({ group, there, beside }) => {
      return group === one.group && !beside && there.has(other) && !there.has(server);
    });
  }

  /** The two hold the same in the tables of one pair; of other tables nobody knows. */
  settle(a: string, b: string, pair: string): void {
    for (const { lost } of this.#begun) for (const server of [a, b]) lost.get(server)?.settled.add(pair);
  }

  forget(server: string): void {
    this.#looks.delete(server);
    this.#out.delete(server);
    this.#gave.delete(server);
    for (const { lost, there } of this.#begun) {
      lost.delete(server);
      there.delete(server);
    }
  }

  #follow(begun: Begun, server: string, look: Look): void {
    const { lost, there } = begun;
    const last = this.#looks.get(server)?.at(-1);
    const wasOut = this.#out.has(server) || last === undefined;
    this.#noticeCopied(begun, server, look);
    const own = lost.get(server);
    const listed = [...this.#looks.keys()].filter((name) => name !== server && this.#lists(look, name));
    const others = listed.filter((name) => !there.has(name));
    const here = listed.filter((name) => there.has(name));
    if (there.has(server)) {
      // What it has of others it has wherever it is.
      if (begun.beside) return;
      const stayed = here.some((name) => !this.#out.has(name));
      const goOn = others.filter((name) => !this.#out.has(name) || this.#wentOn(name, look));
      if (!wasOut || stayed || goOn.length === 0) return;
      there.delete(server);
      if (last) this.#leave(begun, server, { had: last, look, to: goOn });
    } else if (wasOut && here.some((name) => !this.#out.has(name) || !this.#wentOn(server, look))) {
      there.add(server);
    } else if (own) own.had = look;
  }

  /** A copy has what its donor has, be that of before. */
  #noticeCopied({ lost, there }: Begun, server: string, look: Look): void {
    const last = this.#looks.get(server)?.at(-1);
    const had = lost.get(server)?.had ?? last;
    if (!had || !isCopied(had, look)) return;
    lost.delete(server);
    const gaveIt = ([name]: [string, Lost]) =>
      there.has(name) && (this.#gave.get(name) ?? -1) > (last?.at ?? 0);
    const [, donor] = [...lost].find(gaveIt) ?? [];
    if (!donor) return;
    const { identity, binlog } = look;
    lost.set(server, { had: { ...donor.had, identity, binlog }, settled: new Set() });
    there.add(server);
  }

  /** Who is in a view that comes after the last that it had was in those between, be it that nobody looked. */
  #wentOn(server: string, { group, view }: Look): boolean {
    const last = this.#looks.get(server)?.at(-1);
    return last?.group === group && view > last.view;
  }

  #lists({ members }: Look, server: string): boolean {
    const address = this.#looks.get(server)?.at(-1)?.address ?? null;
    return address !== null && members.includes(address);
  }

  /** It came to those that went on in the one before, by its number alone, and keeps what was written where it was. */
  #leave(begun: Begun, server: string, { had, look, to }: { had: Look; look: Look; to: string[] }): void {
    const wrote = had.seqno - (had.view - begun.views) > begun.from;
    if (begun.beside || !wrote || isCopied(had, look)) return;
    if (begun.left === undefined || !this.#begun.includes(begun.left)) {
      begun.left = { ...begun, lost: new Map(), there: new Set(), beside: true };
      this.#begun.push(begun.left);
    }
    const { lost, there } = begun.left;
    lost.set(server, { had, settled: new Set() });
    for (const name of [server, ...to]) there.add(name);
  }

  /** Another one was seen in the cluster that this one came to, since this one was seen in the one before. */
  #isThere({ group, view }: Look, before: Look): boolean {
    const others = [...this.#looks.values()].flatMap((looks) => looks.at(-1) ?? []);
    return others.some((other) => other.group === group && other.view <= view && other.at > before.at);
  }

  #notice(
    by: string,
    look: Look,
    before: Look | null,
    { time, mostHad, views, but }: { time: number; mostHad: bigint; views: bigint; but: readonly string[] },
  ): void {
    const { group } = look;
    const lost = new Map<string, Lost>();
    // It may have written before it was seen to have begun.
    let from = before !== null && before.seqno < mostHad ? before.seqno : mostHad;
    for (const [server, looks] of this.#looks) {
      const had = server === by ? undefined : looks.findLast(({ at }) => at <= time);
      if (had?.group !== group || but.includes(had.address ?? '')) continue;
      const without = before !== null && isWithout(had, before);
      if (!without && had.seqno <= mostHad) continue;
      if (without && before.seqno < from) from = before.seqno;
      lost.set(server, { had, settled: new Set() });
    }
    const there = new Set([by, ...[...this.#looks.keys()].filter((name) => this.#lists(look, name))]);
    this.#begun = this.#begun.filter((begun) => begun.there.size > 0 && this.#concernsAny(begun));
    this.#begun.push({ by, group, from, views, lost, there });
  }

  /** There is one that lost something, or that may have gone on without those that are there. */
  #concernsAny({ group, lost, there }: Begun): boolean {
    const goesOn = ([name, looks]: [string, Look[]]) => !there.has(name) && looks.at(-1)?.group === group;
    return lost.size > 0 || [...this.#looks].some(goesOn);
  }
}

/** What a node had in a later view without another one that one did not get, however much it has written since. */
function isWithout(had: Look, { address, view, members, unnamed }: Look): boolean {
  if (address === null || !members.includes(address)) return false;
  return had.view > view && had.unnamed <= unnamed && !had.members.includes(address);
}

/** Or it is another server, of which nobody knows what it had. */
function isCopied(had: Look, now: Look): boolean {
  return (
    now.identity !== had.identity ||
    now.group !== had.group ||
    now.seqno < had.seqno ||
    isOtherBinlog(had.binlog, now.binlog)
  );
}
