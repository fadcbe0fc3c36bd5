import { compareBinlogPlaces } from '../position/binlog-place.ts';
import { relate } from '../position/contains.ts';
import { lostMariadbGtids } from '../position/lost-history.ts';
import { splitMariadbGtids } from '../position/mariadb-gtid-list.ts';
import { isMysqlGtidSubset, parseMysqlGtidSet } from '../position/mysql-gtid-set.ts';
import type { Position, PositionKind } from '../position/position.ts';
import { replicatedPart } from '../position/replicated-part.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import type { PositionSample } from './position-sample.ts';
import { appliedIn, type Route } from './replica-lag-monitor.ts';

/**
 * Whether a target has transactions of its source that the source itself does not have any more: its binary log was
 * reset, or it was restored, or it crashed without having synced. Numbers start again then, and a target that is ahead
 * by the old ones would look in sync with whatever comes. The target's sample must be the older one. `alone`: nobody
 * else sends it anything.
 */
export function sourceLostHistory(
  target: PositionSample,
  source: PositionSample,
  facts: ServerFacts,
  kind: PositionKind,
  route: Pick<Route, 'channel' | 'throughCluster'>,
  alone = false,
): boolean {
  const applied = appliedIn(target, kind, route);
  switch (kind) {
    case 'mysql-gtid': {
      const had = parseMysqlGtidSet(target.gtid.history);
      const ofSource = new Map([...had].filter(([origin]) => origin.startsWith(facts.uuid)));
      return !isMysqlGtidSubset(ofSource, parseMysqlGtidSet(source.gtid.history));
    }
    case 'mariadb-gtid':
      return applied !== null && lostMariadb(applied, source.gtid, facts, alone);
    // A stalled member is behind its group, and a new bootstrap is another history: see `relate`.
    case 'galera':
      return false;
    case 'file': {
      const written = source.binlog?.position;
      if (applied?.kind !== 'file' || written?.kind !== 'file') return false;
      const wanted = route.channel ? replicatedPart(written, route.channel) : written;
      if (relate(applied, wanted) === 'unknown') return false;
      return (compareBinlogPlaces(applied, written) ?? 0) > 0;
    }
  }
}

function lostMariadb(
  applied: Position,
  source: PositionSample['gtid'],
  facts: ServerFacts,
  alone: boolean,
): boolean {
  const readIn = alone ? writersReadIn(applied, source, facts) : () => false;
  const isSources = (server: string, domain: string) => server === facts.serverId || readIn(server, domain);
  return lostMariadbGtids(applied.text, source.history, facts, isSources) !== '';
}

/**
 * Whether a target has of another writer what came after all that the source has of it. Where the source took that from
 * a binlog that was read in again, the target's numbers do not tell whether it has it, whoever else sends it something.
 */
export function isReadInAgain(
  applied: Position,
  source: PositionSample['gtid'],
  facts: ServerFacts,
): boolean {
  const isOthers = writersReadIn(applied, source, facts);
  const others = (server: string, domain: string) => server !== facts.serverId && isOthers(server, domain);
  return lostMariadbGtids(applied.text, source.history, facts, others) !== '';
}

/** The same of a target with so many channels: what one gets from its source alone leaves nothing open. */
export function mayBeReadIn(
  applied: Position,
  source: PositionSample | null,
  facts: ServerFacts | null,
  channels: number,
): boolean {
  if (!source || facts?.flavour !== 'mariadb' || channels < 2) return false;
  return isReadInAgain(applied, source.gtid, facts);
}

/**
 * Who else than the source writes in its binlog, though nobody sends it anything in that domain. What a replica, what
 * once was one, and a node of a cluster have of others is from them, and the target may have had more of it.
 */
function writersReadIn(applied: Position, source: PositionSample['gtid'], facts: ServerFacts) {
  const own = applied.kind === 'mariadb-gtid' ? (applied.own ?? '') : '';
  const writes = new Set(splitMariadbGtids(own).map(({ server }) => server));
  const sent = new Set(splitMariadbGtids(source.applied.text).map(({ domain }) => domain));
  return (server: string, domain: string) =>
    facts.cluster !== 'galera' && !writes.has(server) && !sent.has(domain);
}
