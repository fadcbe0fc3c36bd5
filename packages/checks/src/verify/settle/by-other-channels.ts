import { channelStatusFrom } from '../../lag/channel-status.ts';
import type { ChannelStatus } from '../../model/replication.ts';
import { compareBinlogPlaces } from '../../position/binlog-place.ts';
import { formatMariadbGtids, parseMariadbGtidList } from '../../position/mariadb-gtid-list.ts';
import type { Position } from '../../position/position.ts';
import { readAppliedPosition } from '../../position/read-position.ts';
import { countsUnapplied } from '../../position/replicated-part.ts';
import { bringsOf, type Gtid, lacksOf, sentByOthers } from '../../position/sent-to-both.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { channelsOf } from './channels-of.ts';
import type { Missing } from './missing-of-writers.ts';

/**
 * What a MariaDB source has of servers that the target reads from by other channels than the pair's, `own`: each comes
 * at its own pace, and is in no position of the pair's channel.
 */
export async function byOtherChannels(
  own: string,
  { source, target }: { source: SqlServer; target: SqlServer },
  options: QueryOptions,
): Promise<Missing> {
  const applied = (server: SqlServer) => readAppliedPosition(server, 'mariadb-gtid', '', options);
  const channels = async () => (await channelsOf(target, options))?.map(channelStatusFrom) ?? null;
  const besides = (all: ChannelStatus[]) => all.filter(({ name }) => name !== own);
  const ids = { has: source.facts!.serverId, gets: target.facts!.serverId };
  const [has, gets] = [await applied(source), await applied(target)];
  const wanted = has && gets ? sentByOthers(has, gets, besides((await channels()) ?? []), ids) : [];
  const places: Places = new Map();
  return async () => {
    const now = wanted.length > 0 ? await applied(target) : null;
    if (!now) return '';
    const all = await channels();
    const isOpen = (gtid: Gtid) => {
      // Of channels that may not be seen any more nobody knows what they brought.
      if (all === null || lacksOf(now, gtid)) return true;
      if (!all.some((channel) => countsUnapplied(channel, gtid) !== null)) return false;
      const bringing = besides(all).filter((channel) => bringsOf(channel, gtid, now, ids));
      return bringing.some((channel) => waitsIn(channel, gtid, places));
    };
    return formatMariadbGtids(wanted.filter(isOpen));
  };
}

/** Where a channel's receiver was when it was seen to have a transaction. */
type Places = Map<string, Extract<Position, { kind: 'file' }>>;

/** Where what another channel leaves out counts as applied, only a channel's own places tell what it applied. */
function waitsIn(channel: ChannelStatus, gtid: Gtid, places: Places): boolean {
  const key = `${channel.name} ${formatMariadbGtids([gtid])}`;
  if (!places.has(key)) {
    const received = parseMariadbGtidList(channel.receivedGtid ?? '').get(gtid.domain);
    const { receivedFile: file, receivedOffset: offset } = channel;
    if (!received || received.sequence < gtid.sequence || file === null || offset === null) return true;
    places.set(key, { kind: 'file', text: `${file}:${offset}`, file, offset });
  }
  const { appliedFile: file, appliedOffset: offset } = channel;
  if (file === null || offset === null) return true;
  return (compareBinlogPlaces({ file, offset }, places.get(key)!) ?? -1) < 0;
}
