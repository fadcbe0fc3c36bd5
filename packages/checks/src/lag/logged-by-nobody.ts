import { contains } from '../position/contains.ts';
import { formatMariadbGtidList, parseMariadbGtidList } from '../position/mariadb-gtid-list.ts';
import type { Position } from '../position/position.ts';
import type { PositionSample } from './position-sample.ts';

/** What follows `after` in a domain, up to `upTo`, stands in no binlog of the cluster's. */
export interface LoggedByNobody {
  domain: string;
  after: bigint;
  upTo: bigint;
}

/**
 * A Galera cluster gives a number also to what changes nothing, a statement for its definitions that failed, or that
 * `binlog_ignore_db` keeps out on all nodes: no replica ever gets that. What one node kept out of its own binlog all
 * others log; so what a second one has, and did not log either, nobody did. `before`: the look at that one before its
 * `latest`, for what it had by then it has logged by the latest.
 */
export function loggedByNobody(
  node: PositionSample,
  other: { before: PositionSample; latest: PositionSample },
): LoggedByNobody | null {
  const [has, had] = [node.membership?.position, other.before.membership?.position];
  const [own, others] = [node.gtid.source, other.latest.gtid.source];
  if (own.kind !== 'mariadb-gtid' || others.kind !== 'mariadb-gtid') return null;
  if (own.unlogged === undefined) return null;
  if (has?.kind !== 'galera' || !had || !contains(had, has)) return null;
  const [logged, there] = [own.text, others.text].map(parseMariadbGtidList);
  for (const [domain, { server, sequence: upTo }] of parseMariadbGtidList(own.unlogged)) {
    const last = there?.get(domain);
    // One that does not log what it applies says nothing.
    const follows = last?.server === server && last.sequence >= (logged?.get(domain)?.sequence ?? 0n);
    if (last && follows && last.sequence < upTo) return { domain, after: last.sequence, upTo };
  }
  return null;
}

/** The position without what nobody logged. */
export function onlyLogged(position: Position, nobodys: LoggedByNobody | null): Position {
  if (!nobodys || position.kind !== 'mariadb-gtid' || position.unlogged === undefined) return position;
  const { domain, after, upTo } = nobodys;
  const wanted = new Map(parseMariadbGtidList(position.unlogged));
  const gtid = wanted.get(domain);
  if (!gtid || gtid.sequence <= after || gtid.sequence > upTo) return position;
  const { unlogged: _, ...rest } = position;
  const logged = parseMariadbGtidList(position.text).get(domain)?.sequence ?? 0n;
  if (after > logged) wanted.set(domain, { ...gtid, sequence: after });
  else wanted.delete(domain);
  return wanted.size === 0 ? rest : { ...rest, unlogged: formatMariadbGtidList(wanted) };
}
