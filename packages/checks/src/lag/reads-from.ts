import type { ChannelStatus, ReplicationStatus } from '../model/replication.ts';

type Told = Pick<ReplicationStatus, 'channel' | 'readsFrom'>;

/**
 * Where a channel was connected to last, as `host:port`: one that seeks another source tries one after the other. As it
 * gets there it has, for a moment, the new address and the identity of the one before, who would be taken for moved.
 */
export function readsFrom(channel: ChannelStatus | null, before: Told | null): string | null {
  const last = before?.readsFrom ?? null;
  if (channel?.receiver !== 'running') return last;
  const now = placeOf(channel);
  const held = before?.channel;
  const isSettled =
    held?.sourceIdentity !== channel.sourceIdentity || (held.receiver === 'running' && placeOf(held) === now);
  return last === null || isSettled ? now : last;
}

function placeOf({ sourceHost, sourcePort }: ChannelStatus): string {
  return `${sourceHost}:${sourcePort}`;
}
