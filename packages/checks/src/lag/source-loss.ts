import { compareBinlogPlaces } from '../position/binlog-place.ts';
import { lostMariadbGtids } from '../position/lost-history.ts';
import { splitMariadbGtids } from '../position/mariadb-gtid-list.ts';
import { isMysqlGtidSubset, parseMysqlGtidSet } from '../position/mysql-gtid-set.ts';
import type { Position, PositionKind } from '../position/position.ts';
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
  const own = applied.kind === 'mariadb-gtid' ? (applied.own ?? '') : '';
  const writes = new Set(splitMariadbGtids(own).map(({ server }) => server));
  // A source that is a replica, was one, or is a node of a cluster has what others wrote from them, and the target may
  // have had more of it.
  const only = alone && source.applied.text === '' && facts.cluster !== 'galera';
  const isSources = (server: string) => server === facts.serverId || (only && !writes.has(server));
  return lostMariadbGtids(applied.text, source.history, facts, isSources) !== '';
}
