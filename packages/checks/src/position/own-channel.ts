import type { ChannelStatus } from '../model/replication.ts';
import type { ServerFacts } from '../server/sql-server.ts';

export interface SourceOfPair {
  facts: ServerFacts | null;
  host: string;
  port: number;
  /** Of MySQL's Group Replication; absent or empty: none is known. */
  group?: string | undefined;
}

export interface OwnChannel {
  channel: ChannelStatus | null;
  /** It reads from the source itself. */
  direct: boolean;
  /** There are several and none can be told to read from the source: the configuration must say which it is. */
  ambiguous: boolean;
}

/**
 * Which channel of a target belongs to a pair: the configured one, else the one that reads from the source, else the
 * only one there is, which then reaches the source through other servers. `others`: the servers that are known besides.
 */
export function ownChannel(
  channels: ChannelStatus[],
  source: SourceOfPair,
  configured: string | null,
  others: Iterable<SourceOfPair> = [],
): OwnChannel {
  const candidates = configured === null ? channels : channels.filter(({ name }) => name === configured);
  const fitting = candidates.filter((channel) => readsFrom(channel, source, others));
  // Two servers may have one `server_id` (1, unless somebody sets it); then the address tells.
  const byAddress = fitting.filter((channel) => isAt(channel, source));
  const direct = fitting.length > 1 ? byAddress : fitting;
  const [own] = direct;
  if (own && direct.length === 1) return { channel: own, direct: true, ambiguous: false };
  const ambiguous = candidates.length > 1;
  return { channel: ambiguous ? null : (candidates[0] ?? null), direct: false, ambiguous };
}

/**
 * Whether another channel of the target comes from a server with the same `server_id`: MariaDB's GTIDs name their
 * writer by it alone.
 */
export function hasTwin(own: ChannelStatus, channels: ChannelStatus[]): boolean {
  return channels.some(
    (channel) =>
      channel.name !== own.name &&
      own.sourceIdentity !== null &&
      channel.sourceIdentity === own.sourceIdentity,
  );
}

/** By identity where it is known: an address may be a proxy's, or another name of the same host. */
function readsFrom(channel: ChannelStatus, source: SourceOfPair, others: Iterable<SourceOfPair>): boolean {
  const { sourceIdentity } = channel;
  if (sourceIdentity === null || source.facts === null) return isAt(channel, source);
  if (source.facts.cluster === 'galera') {
    // Nodes of a cluster may have one `server_id`, and are to have it where they number alike.
    const there =
      isAt(channel, source) || `${channel.sourceHost}:${channel.sourcePort}` === source.facts.ownAddress;
    return there && sourceIdentity === source.facts.serverId;
  }
  if (sourceIdentity === source.facts.uuid) return true;
  if (sourceIdentity !== source.facts.serverId) return false;
  if (isAt(channel, source)) return true;
  for (const other of others) {
    if (isAt(channel, other) && other.facts?.serverId === sourceIdentity) return false;
  }
  return true;
}

function isAt({ sourceHost, sourcePort }: ChannelStatus, { host, port }: SourceOfPair): boolean {
  return sourceHost === host && sourcePort === port;
}
