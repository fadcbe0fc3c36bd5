import { splitMariadbGtids } from './mariadb-gtid-list.ts';

/**
 * What a MariaDB target has applied of its source's that the source's binlog state does not have any more, '' for none:
 * the source was reset or restored, or crashed without having synced. `isSources`: of whom it can have that from nobody
 * else; of other writers than the source those count that it has something of, for a binlog that is read in again
 * brings the writers and numbers that it was written with. The target must be the older reading.
 */
export function lostMariadbGtids(
  applied: string,
  state: string,
  sourceId: string,
  isSources: (server: string) => boolean = (server) => server === sourceId,
): string {
  const now = splitMariadbGtids(state);
  return splitMariadbGtids(applied)
    .filter(({ domain, server, sequence }) => {
      // A domain that the source has nothing of was deleted there, on purpose; unless it has nothing at all.
      const known = now.filter((gtid) => gtid.domain === domain);
      const had = known.some((gtid) => gtid.server === server && gtid.sequence >= sequence);
      if (had || !isSources(server)) return false;
      if (server !== sourceId) return known.some((gtid) => gtid.server === server);
      return known.length > 0 || now.length === 0;
    })
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
    .join(',');
}
