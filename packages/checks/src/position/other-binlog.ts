import type { ServerFacts } from '../server/sql-server.ts';
import { gtidsOfDomain, highestOf, splitMariadbGtids } from './mariadb-gtid-list.ts';

/** Each node of its cluster numbers its binlog by itself: a number of one says nothing of another's. */
export function numbersAlone({ cluster, wsrepGtid }: Pick<ServerFacts, 'cluster' | 'wsrepGtid'>): boolean {
  return cluster === 'galera' && !wsrepGtid;
}

/**
 * Whether a node that numbers alone has another binlog than before, by the state of both: of a domain that it has it
 * forgets no writer, and no number of one. A node that is copied whole gets its donor's, with the donor's numbers.
 */
export function isOtherBinlog(before: string, now: string): boolean {
  if (before === now) return false;
  return splitMariadbGtids(before).some(({ domain, server, sequence }) => {
    if (gtidsOfDomain(now, domain).length === 0) return false;
    const highest = highestOf(now, domain, server);
    return highest === null || highest < sequence;
  });
}
