import type { ChannelStatus } from '../model/replication.ts';
import { splitMariadbGtids } from '../position/mariadb-gtid-list.ts';
import {
  countMysqlGtidSet,
  formatMysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../position/mysql-gtid-set.ts';
import type { ServerFacts } from '../server/sql-server.ts';

export interface Errant {
  /** '' for none. */
  text: string;
  /** Null where it cannot be told: MariaDB prints the newest GTID only. */
  count: number | null;
}

/**
 * Transactions in a target's history that its source's does not have, each as `PositionSample` holds it, the source's
 * with what it is committing; the target's must be the older one. Null where the target's own writes leave no trace.
 */
export function findErrant(
  target: string,
  source: string,
  facts: ServerFacts,
  otherChannels: ChannelStatus[],
): Errant | null {
  if (!facts.gtidMode || !facts.binlog) return null;
  return facts.flavour === 'mysql'
    ? mysqlErrant(target, source, otherChannels)
    : mariadbErrant(target, source, facts.serverId);
}

/** What other channels brought is not errant, only not of this pair. */
function mysqlErrant(target: string, source: string, otherChannels: ChannelStatus[]): Errant {
  const surplus = subtractMysqlGtidSet(parseMysqlGtidSet(target), parseMysqlGtidSet(source));
  const others = new Set(otherChannels.flatMap(originsOf));
  const errant = new Map([...surplus].filter(([origin]) => !others.has(origin.slice(0, 36))));
  return { text: formatMysqlGtidSet(errant), count: Number(countMysqlGtidSet(errant)) };
}

/** What the target wrote itself and the source never got. */
function mariadbErrant(target: string, source: string, targetServerId: string): Errant {
  const known = splitMariadbGtids(source);
  const errant = splitMariadbGtids(target).filter(
    ({ domain, server, sequence }) =>
      server === targetServerId &&
      !known.some((gtid) => gtid.domain === domain && gtid.server === server && gtid.sequence >= sequence),
  );
  const text = errant.map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`).join(',');
  return { text, count: errant.length === 0 ? 0 : null };
}

function originsOf({ sourceIdentity, receivedGtid }: ChannelStatus): string[] {
  return [sourceIdentity ?? '', ...(receivedGtid ?? '').split(',').map((set) => set.trim().slice(0, 36))];
}
