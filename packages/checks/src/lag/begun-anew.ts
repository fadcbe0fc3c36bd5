import { type MariadbGtid, parseMariadbGtidList } from '../position/mariadb-gtid-list.ts';
import type { View } from '../position/membership.ts';
import { atLeast } from '../server/flavour.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import type { PositionSample } from './position-sample.ts';

/** A cluster had come to this; who had a higher number of that writer's by then, in ms, has it of what was before. */
export interface Reached extends MariadbGtid {
  by: number;
}

/** The numbers that a Galera cluster gives since it was begun anew, where its nodes number alike. */
export interface Numbering {
  /** Of the cluster's GTIDs. */
  domain: string;
  /** When it was seen first, on the monotonic clock in ms. */
  began: number;
  /** By its first look, and by the last at a node that was still alone. */
  from: Reached;
  lately: Reached;
  /** Those of the cluster that it goes on from; null where that was not seen to be begun. */
  after: Numbering | null;
}

/** The last that was seen of one node. */
interface Seen {
  /** History and name: a copy of a cluster has its history, too. */
  cluster: string;
  view: string;
  number: bigint;
  at: number;
  /** When it was seen to come, with looks since that it answered all. */
  since: number;
  /** Null: of before. */
  numbering: Numbering | null;
  /** Its cluster was begun anew, and from which number is not known yet: what was had by then, in ms, is of before. */
  fell: number | null;
  /** Its last look does not tell that it still has that view. */
  out: boolean;
}

/**
 * Notices clusters that are begun anew. Views count from 1 then, and the numbers of changes go on from that which the
 * first node has: those that it lacks are given again, to others. It is alone in view 1, and what it has is all that
 * the cluster has. One that joins lacks nothing that was there when it came: by the number at which it is seen first
 * those are known, too, that were lost before, as long as nobody is left in the cluster that ended.
 */
export class BegunAnew {
  readonly #seen = new Map<string, Seen>();

  /** At every look at a node; `isForced`: see `MadeToGoOn`. */
  take(
    server: string,
    { clusterName, wsrepGtid, version }: Pick<ServerFacts, 'clusterName' | 'wsrepGtid' | 'version'>,
    { membership, gtid, sentAt, receivedAt: at }: PositionSample,
    isForced = false,
  ): void {
    const view = membership?.kind === 'galera' ? membership.view : null;
    // An older one does not tell what it has and does not log.
    if (!membership || !view || !wsrepGtid || !atLeast(version, [10, 5, 1])) return this.fault(server);
    const cluster = `${membership.group} ${clusterName}`;
    const last = this.#seen.get(server);
    const before = last?.cluster === cluster ? last : null;
    const { number } = view;
    const seen: Seen = {
      cluster,
      view: textOf(view, server),
      number,
      at,
      since: before && !before.out && number >= before.number ? before.since : at,
      numbering: before?.numbering ?? null,
      fell: before?.fell ?? null,
      out: false,
    };
    if (before && (number < before.number || isForced)) {
      seen.fell = this.#lastOf(before);
      seen.numbering = null;
    }
    this.#seen.set(server, seen);
    if (!isForced) this.#joinOthers(seen, before);
    const has = membership.outside === null ? newestIn(gtid.source, wsrepGtid.cluster) : null;
    if (has === null) return;
    const alone = (number === 1n || isForced) && view.size === 1;
    const by = alone ? sentAt : seen.fell;
    if (by === null) return;
    const [lately, after] = [{ ...has, by }, before?.numbering ?? null];
    seen.numbering ??= { domain: wsrepGtid.cluster, began: sentAt, from: lately, lately, after };
    seen.numbering.lately = lately;
    seen.fell = null;
  }

  /** It did not answer, or is in no cluster any more. */
  fault(server: string): void {
    const seen = this.#seen.get(server);
    if (seen) seen.out = true;
  }

  forget(server: string): void {
    this.#seen.delete(server);
  }

  /** All that are known. */
  get numberings(): ReadonlySet<Numbering> {
    return new Set([...this.#seen.values()].flatMap(({ numbering }) => numbering ?? []));
  }

  /** That of the node's cluster; null where it was not seen to be begun. */
  of(server: string): Numbering | null {
    return this.#seen.get(server)?.numbering ?? null;
  }

  /** When the node's cluster, as it is at present, was last looked at, in ms; null where that is not known. */
  lastLook(server: string): number | null {
    const seen = this.#seen.get(server);
    if (!seen || seen.fell !== null) return null;
    return Math.max(...this.#together(seen).map(({ at }) => at));
  }

  /** When a cluster was seen last before it ended; never, where others are still in it. */
  #lastOf(before: Seen): number {
    const all = this.#together(before);
    if (all.some((seen) => !seen.out && seen !== before)) return -Infinity;
    return Math.max(...all.map(({ at }) => at));
  }

  #together({ cluster, numbering }: Seen): Seen[] {
    return [...this.#seen.values()].filter(
      (seen) => seen.cluster === cluster && seen.numbering === numbering && seen.fell === null,
    );
  }

  /** Who comes to others is of their cluster; who comes back where one was begun meanwhile is of that one. */
  #joinOthers(seen: Seen, before: Seen | null): void {
    const others = [...this.#seen.values()].filter(({ cluster }) => cluster === seen.cluster);
    const first = others
      .filter(({ view, out }) => view === seen.view && !out)
      .reduce((one, other) => (other.since < one.since ? other : one), seen);
    if (first !== seen && first.fell === null) {
      Object.assign(seen, { numbering: first.numbering, fell: null });
      return;
    }
    if (!before || seen.numbering || seen.fell === null) return;
    const all = new Set(others.flatMap(({ numbering }) => numbering ?? []));
    const meanwhile = [...all].filter(({ began }) => began >= before.at);
    if (meanwhile.length === 1) Object.assign(seen, { numbering: meanwhile[0], fell: null });
  }
}

/** Views need not name anybody; two that are each alone have not one. */
function textOf({ number, size, members }: View, server: string): string {
  return size === 1 ? server : [number, size, ...members.toSorted()].join();
}

/** The last of a domain that a node has, be it not in its binlog; null where it tells of none. */
function newestIn(source: PositionSample['gtid']['source'], domain: string): MariadbGtid | null {
  if (source.kind !== 'mariadb-gtid') return null;
  const [logged, unlogged] = [source.text, source.unlogged ?? ''].map(
    (text) => parseMariadbGtidList(text).get(domain) ?? null,
  );
  if (!logged || !unlogged) return logged ?? unlogged ?? null;
  return logged.sequence > unlogged.sequence ? logged : unlogged;
}
