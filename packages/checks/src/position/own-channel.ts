import type { ChannelStatus } from '../model/replication.ts';
import type { ServerFacts } from '../server/sql-server.ts';

export interface SourceOfPair {
  facts: ServerFacts | null;
  host: string;
  port: number;
}

export interface OwnChannel {
  channel: ChannelStatus | null;
  /** It reads from the source itself. */
  direct: boolean;
  /** There are several and none reads from the source: the configuration must say which it is. */
  ambiguous: boolean;
}

/**
 * Which channel of a target belongs to a pair: the configured one, else the one that reads from the source, else the
 * only one there is, which then reaches the source through other servers.
 */
export function ownChannel(
  channels: ChannelStatus[],
  source: SourceOfPair,
  configured: string | null,
): OwnChannel {
  const candidates = configured === null ? channels : channels.filter(({ name }) => name === configured);
  const direct = candidates.find((channel) => readsFrom(channel, source));
  if (direct) return { channel: direct, direct: true, ambiguous: false };
  const [only, ...others] = candidates;
  return {
    channel: others.length === 0 ? (only ?? null) : null,
    direct: false,
    ambiguous: others.length > 0,
  };
}

/** By identity where it is known: an address may be a proxy's, or another name of the same host. */
function readsFrom(channel: ChannelStatus, { facts, host, port }: SourceOfPair): boolean {
  if (channel.sourceIdentity !== null && facts !== null) {
    return channel.sourceIdentity === facts.uuid || channel.sourceIdentity === facts.serverId;
  }
  return channel.sourceHost === host && channel.sourcePort === port;
}
