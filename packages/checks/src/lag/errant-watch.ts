import { splitMariadbGtids } from '../position/mariadb-gtid-list.ts';
import {
  countMysqlGtidSet,
  formatMysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../position/mysql-gtid-set.ts';
import type { ChannelStatus } from '../model/replication.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import type { PositionSample } from './position-sample.ts';

export interface Errant {
  /** '' for none. */
  text: string;
  /** Null where it cannot be told: MariaDB prints the newest GTID only. */
  count: number | null;
}

/** A transaction must be missing from the source for this many looks, lest one on its way there be called errant. */
const looks = 2;

/**
 * Finds transactions on a target that its source does not have. The target's history is always older than the source's
 * that it is held against, so what is missing cannot simply be too new.
 */
export class ErrantWatch {
  #history: PositionSample[] = [];
  #last: { key: string; errant: Errant } | null = null;

  /** Call it at a slow, steady rate with the newest samples; null while it is too early to tell. */
  look(
    target: PositionSample,
    source: PositionSample,
    facts: ServerFacts,
    otherChannels: ChannelStatus[],
  ): Errant | null {
    // Without a binary log the target's own writes leave no trace in its GTIDs.
    if (!facts.gtidMode || !facts.binlog) return null;
    this.#history.push(target);
    if (this.#history.length <= looks) return null;
    const then = this.#history.shift() as PositionSample;
    if (source.sentAt < then.receivedAt) return null;
    const key = `${then.gtid.history}/${source.gtid.history}`;
    if (this.#last?.key === key) return this.#last.errant;
    const errant =
      facts.flavour === 'mysql'
        ? mysqlErrant(then.gtid.history, source.gtid.history, otherChannels)
        : mariadbErrant(then.gtid.history, source.gtid.history, facts.serverId);
    this.#last = { key, errant };
    return errant;
  }

  /** One of the servers is another one now, or was away. */
  reset(): void {
    this.#history = [];
    this.#last = null;
  }
}

/** What other channels brought is not errant, only not of this pair. */
export function mysqlErrant(target: string, source: string, otherChannels: ChannelStatus[]): Errant {
  const surplus = subtractMysqlGtidSet(parseMysqlGtidSet(target), parseMysqlGtidSet(source));
  const others = new Set(otherChannels.flatMap(originsOf));
  for (const origin of surplus.keys()) if (others.has(origin.slice(0, 36))) surplus.delete(origin);
  return { text: formatMysqlGtidSet(surplus), count: Number(countMysqlGtidSet(surplus)) };
}

/** What the target wrote itself and the source never got. */
export function mariadbErrant(target: string, source: string, targetServerId: string): Errant {
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
