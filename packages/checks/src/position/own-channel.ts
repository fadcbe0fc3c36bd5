import type { ChannelStatus } from '../model/replication.ts';
import { areTwo } from '../server/instance.ts';
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

export interface Alike {
  /** In one clause with the remedy. */
  why: string;
  /** The channel reads from the other one. */
  isOthers: boolean;
}

/**
 * Why numbers do not tell whether what came by this channel is the source's: another server that is known writes under
 * the same name. Null where none does, or where the channel reads from the address that is configured for the source.
 */
export function numberedAlike(
  channel: ChannelStatus,
  source: SourceOfPair,
  others: Iterable<SourceOfPair>,
): Alike | null {
  const { facts } = source;
  if (facts === null || isAt(channel, source)) return null;
  const isByName = [facts.uuid, facts.serverId].includes(channel.sourceIdentity ?? '');
  const twins = [...others].filter((other) => isTwin(other.facts, facts));
  const read = isByName ? twins.find((other) => isAt(channel, other)) : undefined;
  // Servers that nobody gave a `server_id` all have 1, and are no copies of each other for that.
  const twin = read ?? (facts.flavour === 'mysql' ? twins[0] : undefined);
  if (!twin) return null;
  const [name, remedy] =
    facts.flavour === 'mysql'
      ? [`server_uuid ${facts.uuid}`, 'give each a uuid of its own (auto.cnf was copied with the data)']
      : [`server_id ${facts.serverId}`, 'give each a server_id of its own'];
  return {
    why: `the target reads from ${channel.sourceHost}:${channel.sourcePort}, the server at ${twin.host}:${twin.port} has the source's ${name}, too, and by their numbers what the two write is one: ${remedy}, or name the source by the address that the target reads from`,
    isOthers: read !== undefined,
  };
}

/** Another server, whose changes have the numbers of this one's. */
export function isTwin(other: ServerFacts | null, facts: ServerFacts): boolean {
  if (other?.flavour !== facts.flavour) return false;
  // Nodes of a cluster have one history, as have those that share a storage.
  const namedAlike =
    facts.flavour === 'mysql'
      ? other.uuid === facts.uuid && !(other.aurora && facts.aurora)
      : other.serverId === facts.serverId && !facts.cluster;
  return namedAlike && areTwo(other.instance, facts.instance);
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
  if (sourceIdentity === source.facts.uuid) return numberedAlike(channel, source, others) === null;
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
