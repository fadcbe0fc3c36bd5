import type { ChannelStatus } from '../model/replication.ts';
import { highestOf, type MariadbGtid, splitMariadbGtids } from '../position/mariadb-gtid-list.ts';
import {
  countMysqlGtidSet,
  formatMysqlGtidSet,
  type MysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../position/mysql-gtid-set.ts';
import { ownDomain } from '../position/numbered-apart.ts';
import type { ServerFacts } from '../server/sql-server.ts';

export interface Errant {
  /** '' for none. */
  text: string;
  /** Null where it cannot be told: MariaDB prints the newest GTID only. */
  count: number | null;
  /** Those of origins that are known, as `text`; they are in neither of the two above. Absent: none. */
  known?: string;
}

/**
 * Transactions in a target's history that its source's does not have, each as `PositionSample` holds it, the source's
 * with what it is committing; the target's must be the older one. Null where the target's own writes leave no trace.
 * `knownOrigins`: UUIDs (MySQL) or server ids (MariaDB) of servers that may write there.
 * `group`: what the source's group committed is not errant: a member that lacks it is behind its group.
 * `formerSources`: the server ids (MariaDB) of servers in whose place the source is: what they wrote and it never got.
 */
export function findErrant(
  target: string,
  source: string,
  facts: ServerFacts,
  otherChannels: ChannelStatus[],
  { knownOrigins = [], group = '', formerSources }: ErrantOptions = {},
): Errant | null {
  if (!facts.gtidMode || !facts.binlog) return null;
  const known = new Set(knownOrigins.map((origin) => origin.toLowerCase()));
  if (facts.flavour === 'mysql') return mysqlErrant(target, source, otherChannels, known, group);
  const brought = new Set(otherChannels.map(({ sourceIdentity }) => sourceIdentity));
  const former = [...(formerSources ?? [])].filter((server) => !brought.has(server));
  return mariadbErrant(target, source, facts.serverId, known, new Set(former));
}

interface ErrantOptions {
  knownOrigins?: readonly string[];
  group?: string;
  formerSources?: ReadonlySet<string>;
}

/**
 * What a member of a group wrote alone: of Group Replication what it wrote while it was in no group, by its own
 * server_uuid, which the others do not have; of Galera what bears the domain of what it writes alone. Null where that
 * leaves no trace. What the group committed is on its way where one has it and another has not. `before`: what a node
 * of Galera had when it was first seen to number so, of which nobody knows whether it was numbered otherwise then, when
 * what its cluster commits had that domain, too: where there is no more of it, that is null as well.
 */
export function findAlone(
  target: string,
  others: string[],
  { cluster, uuid, wsrepGtid }: Pick<ServerFacts, 'cluster' | 'uuid' | 'wsrepGtid'>,
  before = '',
): Errant | null {
  if (cluster === 'group-replication') {
    const own = new Map([...parseMysqlGtidSet(target)].filter(([origin]) => origin.startsWith(uuid)));
    const alone = others.reduce<MysqlGtidSet>(
      (rest, other) => subtractMysqlGtidSet(rest, parseMysqlGtidSet(other)),
      own,
    );
    return { text: formatMysqlGtidSet(alone), count: Number(countMysqlGtidSet(alone)) };
  }
  const domainAlone = wsrepGtid && ownDomain(wsrepGtid);
  if (!domainAlone) return null;
  const known = new Set(others.flatMap((other) => splitMariadbGtids(other)).map(asText));
  const own = splitMariadbGtids(target)
    .filter(({ domain }) => domain === domainAlone)
    .map(asText)
    .filter((gtid) => !known.has(gtid));
  const had = new Set(splitMariadbGtids(before).map(asText));
  const alone = own.filter((gtid) => !had.has(gtid));
  if (alone.length === 0 && own.length > 0) return null;
  return { text: alone.join(','), count: alone.length === 0 ? 0 : null };
}

function asText({ domain, server, sequence }: MariadbGtid & { domain: string }): string {
  return `${domain}-${server}-${sequence}`;
}

/** What other channels brought is not errant, only not of this pair. */
function mysqlErrant(
  target: string,
  source: string,
  otherChannels: ChannelStatus[],
  known: ReadonlySet<string>,
  group: string,
): Errant {
  const surplus = subtractMysqlGtidSet(parseMysqlGtidSet(target), parseMysqlGtidSet(source));
  const others = new Set([group.toLowerCase(), ...otherChannels.flatMap(originsOf)]);
  const own = [...surplus].filter(([origin]) => !others.has(origin.slice(0, 36)));
  const isKnown = ([origin]: (typeof own)[number]) => known.has(origin.slice(0, 36));
  const errant = new Map(own.filter((part) => !isKnown(part)));
  const meant = formatMysqlGtidSet(new Map(own.filter(isKnown)));
  return {
    text: formatMysqlGtidSet(errant),
    count: Number(countMysqlGtidSet(errant)),
    ...(meant !== '' && { known: meant }),
  };
}

/** What the target wrote itself, or a source before this one, and the source never got. */
function mariadbErrant(
  target: string,
  source: string,
  targetServerId: string,
  known: ReadonlySet<string>,
  former: ReadonlySet<string>,
): Errant {
  const errant = splitMariadbGtids(target).filter(({ domain, server, sequence }) => {
    const had = highestOf(source, domain, server);
    // A source that shows nothing at all of the one before it may not log what it got from there.
    if (server !== targetServerId && !(former.has(server) && had !== null)) return false;
    return had === null || had < sequence;
  });
  const isKnown = ({ server }: MariadbGtid) => known.has(server);
  const [unknown, meant] = [errant.filter((gtid) => !isKnown(gtid)), errant.filter(isKnown)];
  return {
    text: unknown.map(asText).join(','),
    count: unknown.length === 0 ? 0 : null,
    ...(meant.length > 0 && { known: meant.map(asText).join(',') }),
  };
}

function originsOf({ sourceIdentity, receivedGtid }: ChannelStatus): string[] {
  return [sourceIdentity ?? '', ...(receivedGtid ?? '').split(',').map((set) => set.trim().slice(0, 36))];
}
