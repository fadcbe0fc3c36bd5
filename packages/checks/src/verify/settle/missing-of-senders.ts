import { channelStatusFrom } from '../../lag/channel-status.ts';
import type { ChannelStatus } from '../../model/replication.ts';
import { compareBinlogPlaces } from '../../position/binlog-place.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { channelsOf } from './channels-of.ts';
import type { Missing } from './missing-of-writers.ts';

interface Wanted {
  channel: string;
  from: string;
  file: string;
  offset: number;
}

/**
 * What one of two servers has of whoever sends to the other as well, and that one is yet to apply, where no GTIDs tell:
 * by places in the sender's binlog. What one received it has, for parallel appliers show what they applied before their
 * place says so.
 */
export async function missingOfSenders(
  { has, gets }: { has: SqlServer; gets: SqlServer },
  options: QueryOptions,
): Promise<Missing> {
  const channels = async (server: SqlServer) =>
    (await channelsOf(server, options))?.map(channelStatusFrom) ?? null;
  const [there, here] = [(await channels(has)) ?? [], (await channels(gets)) ?? []];
  const wanted = there.flatMap((sender) =>
    here.filter((channel) => isSame(sender, channel)).flatMap(({ name }) => wantedOf(sender, name)),
  );
  return async () => {
    const now = wanted.length > 0 ? await channels(gets) : [];
    // Of channels that may not be seen any more nobody knows what they brought.
    const lacks = wanted.filter((place) => now?.some((channel) => lacksOf(channel, place)) ?? true);
    return lacks.map(({ from, file, offset }) => `${file}:${offset} of ${from}`).join(', ');
  };
}

function isSame(a: ChannelStatus, b: ChannelStatus): boolean {
  if (a.sourceIdentity !== null && a.sourceIdentity === b.sourceIdentity) return true;
  return a.sourceHost === b.sourceHost && a.sourcePort === b.sourcePort;
}

function wantedOf(sender: ChannelStatus, channel: string): Wanted[] {
  const { sourceHost, sourcePort, receivedFile: file, receivedOffset: offset } = sender;
  return file === null || offset === null
    ? []
    : [{ channel, from: `${sourceHost}:${sourcePort}`, file, offset }];
}

/** Nothing comes by a channel that is gone. One that has applied nothing yet has no place. */
function lacksOf(
  { name, appliedFile, appliedOffset }: ChannelStatus,
  { channel, ...place }: Wanted,
): boolean {
  if (name !== channel) return false;
  if (appliedFile === null || appliedOffset === null) return true;
  return (compareBinlogPlaces({ file: appliedFile, offset: appliedOffset }, place) ?? -1) < 0;
}
