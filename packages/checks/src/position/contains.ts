import { compareBinlogPlaces } from './binlog-place.ts';
import {
  gtidsOfDomain,
  highestOf,
  type MariadbGtid,
  type MariadbGtidList,
  parseMariadbGtidList,
} from './mariadb-gtid-list.ts';
import {
  countMysqlGtidSet,
  isMysqlGtidSubset,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from './mysql-gtid-set.ts';
import type { BinlogOwner, Position } from './position.ts';

/** What a position says of another: that it has all of it, that it lacks some, or nothing (`unknown`). */
export type Relation = 'has' | 'lacks' | 'unknown';

/** Whether everything up to `wanted` is in `applied`. Positions of different kinds never contain each other. */
export function contains(applied: Position, wanted: Position): boolean {
  return relate(applied, wanted) === 'has';
}

/** `now`: the newest position of the server that `wanted` is of, which knows more of its history. */
export function relate(applied: Position, wanted: Position, now: Position = wanted): Relation {
  if (applied.kind === 'file' || wanted.kind === 'file') {
    if (applied.kind !== 'file' || wanted.kind !== 'file') return 'lacks';
    // A channel may be pointed elsewhere at any moment, where places have the same names.
    if (applied.of && wanted.of && !sameReading(applied.of, wanted.of)) return 'unknown';
    const order = compareBinlogPlaces(applied, wanted);
    return order !== null && order >= 0 ? 'has' : 'lacks';
  }
  if (applied.kind === 'galera' || wanted.kind === 'galera') {
    if (applied.kind !== 'galera' || wanted.kind !== 'galera') return 'lacks';
    // Another history begins with every bootstrap, and counts anew.
    if (applied.group !== wanted.group) return 'unknown';
    return applied.seqno >= wanted.seqno ? 'has' : 'lacks';
  }
  if (applied.kind === 'mysql-gtid') {
    if (wanted.kind !== 'mysql-gtid') return 'lacks';
    if ([applied, wanted, now].some(withoutGtids)) return 'unknown';
    if (applied.text === wanted.text) return 'has';
    return isMysqlGtidSubset(parseMysqlGtidSet(wanted.text), parseMysqlGtidSet(applied.text))
      ? 'has'
      : 'lacks';
  }
  if (wanted.kind !== 'mariadb-gtid') return 'lacks';
  if (comesOtherwise(applied, wanted)) return 'unknown';
  const open = openDomains(applied, wanted, now);
  if (open.length === 0) return countedOnly(applied, wanted) === null ? 'has' : 'unknown';
  return open.every(({ foreign, disordered }) => foreign || disordered) ? 'unknown' : 'lacks';
}

/** What of this is counted as applied and was not logged, where that does not prove it; null for nothing. */
export function countedOnly(applied: Position, wanted: Position): string | null {
  if (applied.kind !== 'mariadb-gtid' || wanted.kind !== 'mariadb-gtid' || !applied.unseen) return null;
  const list = parseMariadbGtidList(applied.text);
  for (const [domain, newest] of parseMariadbGtidList(wanted.text)) {
    const reached = list.get(domain);
    if (!reached || knows(applied, domain, newest)) continue;
    const logged = highestOf(applied.state ?? '', domain, reached.server);
    const gtid = `${domain}-${reached.server}-${reached.sequence}`;
    if (logged !== null && logged < reached.sequence) return gtid;
  }
  return null;
}

/** What a place proves is proved for one binlog, read in one way. */
function sameReading(a: BinlogOwner, b: BinlogOwner): boolean {
  return sameOwner(a, b) && (a.order === undefined || b.order === undefined || a.order === b.order);
}

export function sameOwner(a: BinlogOwner, b: BinlogOwner): boolean {
  if (a.host !== b.host || a.port !== b.port) return false;
  return a.identity === null || b.identity === null || a.identity === b.identity;
}

/** What was cut because of how a channel is made is all that comes only as long as the channel is so. */
export function comesOtherwise(applied: Position, wanted: Position): boolean {
  return leavesOutOthers(applied, wanted) || readsElsewhere(applied, wanted);
}

export function leavesOutOthers(applied: Position, wanted: Position): boolean {
  if (applied.kind !== 'mariadb-gtid' || wanted.kind !== 'mariadb-gtid') return false;
  return wanted.domains !== undefined && applied.domains !== wanted.domains;
}

export function readsElsewhere(applied: Position, wanted: Position): boolean {
  if (applied.kind !== 'mariadb-gtid' || wanted.kind !== 'mariadb-gtid') return false;
  return wanted.from !== undefined && applied.from !== wanted.from;
}

/**
 * Who has all GTIDs of a server that also writes without them may lack what has none; and so may who takes what has
 * none, for that may be on its way though its source gives GTIDs to all again.
 */
function withoutGtids(position: Position): boolean {
  return position.kind === 'mysql-gtid' && position.mode !== undefined;
}

/**
 * How many transactions of `wanted` are not in `applied`; null where positions do not tell (binlog places, what
 * has no GTID, and a MariaDB domain that `applied` knows nothing of).
 */
export function countMissing(applied: Position, wanted: Position): bigint | null {
  if (applied.kind === 'mysql-gtid' && wanted.kind === 'mysql-gtid') {
    if (withoutGtids(wanted) || withoutGtids(applied)) return null;
    if (applied.text === wanted.text) return 0n;
    return countMysqlGtidSet(
      subtractMysqlGtidSet(parseMysqlGtidSet(wanted.text), parseMysqlGtidSet(applied.text)),
    );
  }
  if (applied.kind === 'galera' && wanted.kind === 'galera') {
    if (applied.group !== wanted.group) return null;
    return wanted.seqno > applied.seqno ? wanted.seqno - applied.seqno : 0n;
  }
  if (applied.kind === 'mariadb-gtid' && wanted.kind === 'mariadb-gtid') {
    let count = 0n;
    for (const { reached, wanted: gtid, foreign, disordered } of openDomains(applied, wanted)) {
      if (!reached || foreign || disordered) return null;
      count += gtid.sequence > reached.sequence ? gtid.sequence - reached.sequence : 1n;
    }
    return count;
  }
  return null;
}

/** In some domain there is what is not of the history of the server that `wanted` is of: others write there, too. */
export function isForeign(applied: Position, wanted: Position): boolean {
  if (applied.kind !== 'mariadb-gtid' || wanted.kind !== 'mariadb-gtid') return false;
  return openDomains(applied, wanted).some(({ foreign }) => foreign);
}

/**
 * What is not known to come after a position may do so all the same: once another server has written, MariaDB names
 * that one alone, with a higher number.
 */
export function mayGoOnFrom(then: Position, had: Position): boolean {
  if (then.kind !== 'mariadb-gtid' || had.kind !== 'mariadb-gtid') return false;
  return openDomains(then, had).every(
    ({ foreign, reached, wanted }) => foreign && reached !== undefined && reached.sequence > wanted.sequence,
  );
}

type MariadbPosition = Extract<Position, { kind: 'mariadb-gtid' }>;

/** A MariaDB domain in which a position does not have all that is wanted, as far as is known. */
export interface OpenDomain {
  domain: string;
  wanted: MariadbGtid;
  /** Undefined: nothing of the domain is there. */
  reached: MariadbGtid | undefined;
  /** What is there is not of the source's history, so it cannot be told what it comes after. */
  foreign: boolean;
  /** It is, but numbers do not grow in that history, as where a binlog is read in again: no more can be told. */
  disordered: boolean;
}

/**
 * Numbers are given out by every server for itself: a higher one of another server comes later only if both are in one
 * history, and numbers grow there. The source's binlog state tells whose transactions are in its history, and of every
 * domain which was the last; where it is not known (only what was printed is), the higher number counts.
 */
export function openDomains(
  applied: MariadbPosition,
  wanted: MariadbPosition,
  now: Position = wanted,
): OpenDomain[] {
  if (applied.text === wanted.text) return [];
  const list = parseMariadbGtidList(applied.text);
  const own = parseMariadbGtidList(applied.own ?? '');
  const open: OpenDomain[] = [];
  for (const [domain, newest] of parseMariadbGtidList(wanted.text)) {
    const reached = list.get(domain);
    let gtid = newest;
    // What the target wrote itself (as a former source, or in a ring) it need not apply; what others wrote it must.
    if (hasIn(own, domain, newest)) {
      const rest = newestOfOthers(wanted, domain, newest.server);
      if (!rest || (!reached && knows(applied, domain, rest))) continue;
      gtid = rest;
    }
    if (reached && reached.server === gtid.server && reached.sequence >= gtid.sequence) continue;
    const other = reached && reached.server !== gtid.server ? reached : undefined;
    const then = other !== undefined && knows(wanted, domain, other);
    const since = other !== undefined && !then && now.kind === 'mariadb-gtid' && knows(now, domain, other);
    const foreign = other !== undefined && wanted.state !== undefined && !then && !since;
    // Of equal numbers by different servers one is not in the other's history.
    const higher = !foreign && other !== undefined && other.sequence > gtid.sequence;
    const disordered =
      (then && higher && isLast(wanted, domain, gtid)) ||
      (since && other !== undefined && other.sequence <= gtid.sequence);
    if (higher && !disordered) continue;
    open.push({ domain, wanted: gtid, reached, foreign, disordered });
  }
  return open;
}

function hasIn(list: MariadbGtidList, domain: string, { server, sequence }: MariadbGtid): boolean {
  const gtid = list.get(domain);
  return gtid !== undefined && gtid.server === server && gtid.sequence >= sequence;
}

/** Whether a transaction is in the server's own binlog, or was. */
function knows({ state = '' }: MariadbPosition, domain: string, { server, sequence }: MariadbGtid): boolean {
  const highest = highestOf(state, domain, server);
  return highest !== null && highest >= sequence;
}

/** What a server wrote last in a domain is the last of it in its binlog's state. */
function isLast({ state = '' }: MariadbPosition, domain: string, { server }: MariadbGtid): boolean {
  return gtidsOfDomain(state, domain).at(-1)?.server === server;
}

function newestOfOthers({ state = '' }: MariadbPosition, domain: string, server: string): MariadbGtid | null {
  return gtidsOfDomain(state, domain)
    .filter((gtid) => gtid.server !== server)
    .reduce<MariadbGtid | null>(
      (newest, gtid) => (newest && newest.sequence > gtid.sequence ? newest : gtid),
      null,
    );
}
