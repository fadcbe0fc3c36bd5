import type { ServerFacts } from '../server/sql-server.ts';
import { gtidsOfDomain, highestOf, splitMariadbGtids } from './mariadb-gtid-list.ts';

/**
 * What a MariaDB target has applied of its source's that the source's binlog state does not have any more, '' for none:
 * the source was reset or restored, or crashed without having synced. `isSources`: of whom it can have that from nobody
 * else; of other writers than the source those count that it has something of, for a binlog that is read in again
 * brings the writers and numbers that it was written with. A node of a cluster may be behind the others, which write
 * under its `server_id` in the domain of the cluster. The target must be the older reading.
 */
export function lostMariadbGtids(
  applied: string,
  state: string,
  { serverId, wsrepGtid }: Pick<ServerFacts, 'serverId' | 'wsrepGtid'>,
  isSources: (server: string, domain: string) => boolean = (server) => server === serverId,
): string {
  const hasNothing = splitMariadbGtids(state).length === 0;
  return splitMariadbGtids(applied)
    .filter(({ domain, server, sequence }) => {
      const highest = highestOf(state, domain, server);
      const had = highest !== null && highest >= sequence;
      if (had || domain === wsrepGtid?.cluster || !isSources(server, domain)) return false;
      if (server !== serverId) return highest !== null;
      // A domain that the source has nothing of was deleted there, on purpose; unless it has nothing at all.
      return hasNothing || gtidsOfDomain(state, domain).length > 0;
    })
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
    .join(',');
}
