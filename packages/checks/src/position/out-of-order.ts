import type { ChannelStatus } from '../model/replication.ts';
import { splitMariadbGtids } from './mariadb-gtid-list.ts';
import type { AppliedOrder, Position } from './position.ts';

/** In these a channel's domains keep the order of the binlog that they are in. */
const inOrder = new Set(['none', 'minimal']);

/** How a channel takes its domains, if it has several appliers; undefined where the server has no word for it. */
export function orderOf({
  usesGtid,
  parallelMode,
}: {
  usesGtid: boolean;
  parallelMode: string | undefined;
}): AppliedOrder | undefined {
  if (parallelMode === undefined) return undefined;
  return usesGtid && !inOrder.has(parallelMode.toLowerCase()) ? 'by-domain' : 'one';
}

const mostNamed = 5;

/**
 * Why a channel's place in the binlog may lie behind what it has not applied: by GTID, MariaDB's parallel appliers take
 * each domain for itself, and the place is that of whichever came furthest. Null where there is one order, as where
 * all that the source ever wrote is in one domain.
 */
export function outOfOrder(
  {
    usesGtid,
    parallelWorkers,
    parallelMode,
  }: Pick<ChannelStatus, 'usesGtid' | 'parallelWorkers' | 'parallelMode'>,
  source: Position | null,
): string | null {
  if (orderOf({ usesGtid, parallelMode }) !== 'by-domain') return null;
  if (parallelWorkers === 0 || source?.kind !== 'mariadb-gtid') return null;
  const domains = new Set(splitMariadbGtids(source.state ?? source.text).map(({ domain }) => domain));
  if (domains.size < 2) return null;
  const more = domains.size - mostNamed;
  const several = [...[...domains].slice(0, mostNamed), ...(more > 0 ? [`${more} more`] : [])].join(' and ');
  return `its parallel appliers take the domains ${several} each for itself, so that its place in the binlog proves nothing`;
}
