import type { ChannelStatus } from '../model/replication.ts';
import { foreignText } from '../server/foreign-text.ts';
import { splitMariadbGtids } from './mariadb-gtid-list.ts';
import type { Position } from './position.ts';
import { countsUnapplied, leavesOutTables, takesDomain } from './replicated-part.ts';

/**
 * Why a target's GTIDs do not tell what came by the pair's channel: another one of its channels leaves out what the
 * source has, and MariaDB counts among what was applied what any of them left out. Null where none does.
 * `overlaps`: whether a channel may bring what the source writes at all.
 */
export function unappliedBy(
  own: ChannelStatus,
  channels: readonly ChannelStatus[],
  source: Position | null,
  overlaps: (channel: string) => boolean,
): string | null {
  if (source?.kind !== 'mariadb-gtid') return null;
  const others = channels.filter(({ name, filters }) => name !== own.name && filters.length > 0);
  if (others.length === 0) return null;
  const written = splitMariadbGtids(source.state || source.text);
  const comes = written.filter(({ domain }) => takesDomain(own, domain));
  for (const channel of others) {
    const filters = comes.map((gtid) => countsUnapplied(channel, gtid));
    const ofTables = overlaps(channel.name) && comes.length > 0 ? leavesOutTables(channel) : null;
    const filter = filters.find((filter) => filter !== null) ?? ofTables;
    if (filter !== null) {
      return `what its channel "${channel.name}" leaves out (${foreignText(filter)}) counts as applied`;
    }
  }
  return null;
}
