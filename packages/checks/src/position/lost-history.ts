import { splitMariadbGtids } from './mariadb-gtid-list.ts';

/**
 * What a MariaDB target has applied of its source's own that the source's binlog state does not have any more, '' for
 * none: the source was reset or restored, or crashed without having synced. The target must be the older reading.
 */
export function lostMariadbGtids(applied: string, state: string, sourceId: string): string {
  const now = splitMariadbGtids(state);
  return splitMariadbGtids(applied)
    .filter(({ domain, server, sequence }) => {
      // A domain that the source has nothing of was deleted there, on purpose; unless it has nothing at all.
      const known = now.filter((gtid) => gtid.domain === domain);
      const had = known.some((gtid) => gtid.server === server && gtid.sequence >= sequence);
      return server === sourceId && !had && (known.length > 0 || now.length === 0);
    })
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
    .join(',');
}
