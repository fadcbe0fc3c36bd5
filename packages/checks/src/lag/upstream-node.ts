import type { ChannelStatus } from '../model/replication.ts';
import { numberedApart } from '../position/numbered-apart.ts';
import { numbersAlone } from '../position/other-binlog.ts';
import type { OwnChannel, SourceOfPair } from '../position/own-channel.ts';
import { areTwo } from '../server/instance.ts';
import type { Server } from '../server/server.ts';
import type { ServerFacts } from '../server/sql-server.ts';

type Named = Pick<Server, 'name' | 'facts'>;

export function placeOf({ sourceHost, sourcePort }: ChannelStatus): string {
  return `${sourceHost}:${sourcePort}`;
}

/** Which node of a Galera cluster, of those that are watched, a channel reads from. */
function upstreamNode(channel: ChannelStatus, others: Iterable<SourceOfPair>): ServerFacts | null {
  const there = placeOf(channel);
  for (const { facts, host, port } of others) {
    if (facts?.cluster !== 'galera') continue;
    if (there === `${host}:${port}` || there === facts.ownAddress) return facts;
  }
  return null;
}

/**
 * Why two replicas have numbers of two binlogs; null where they read from one node, or all nodes number alike.
 * `channels`: the source's, of the pair of which `channel` is.
 */
export function fromTwoNodes(
  { source, target, channel }: { source: Named; target: Named; channel: ChannelStatus },
  channels: readonly ChannelStatus[],
  others: Iterable<SourceOfPair>,
): string | null {
  if (source.facts?.cluster) return null;
  const node = upstreamNode(channel, others);
  if (!node || !numbersAlone(node)) return null;
  for (const other of channels) {
    const nodeOfOther = upstreamNode(other, others);
    if (!nodeOfOther || !areTwo(nodeOfOther.instance, node.instance)) continue;
    return `${source.name} reads from ${placeOf(other)}, ${target.name} from ${placeOf(channel)}, and ${numberedApart(node)}; or let both read from one node`;
  }
  return null;
}

/**
 * Why what comes from another node has numbers that mean others on the source: that node gives numbers of the domain of
 * all by itself. Of one that nobody watches it is not known.
 */
export function numberedOtherwise(
  source: ServerFacts | null,
  { channel, direct }: OwnChannel,
  others: Iterable<SourceOfPair>,
): string | null {
  if (source?.cluster !== 'galera' || !source.wsrepGtid || !channel || direct) return null;
  const node = upstreamNode(channel, others);
  if (!node) return null;
  const { cluster } = source.wsrepGtid;
  const isOfCluster = node.wsrepGtid?.cluster === cluster;
  if (isOfCluster && node.wsrepGtid?.alone !== cluster) return null;
  const remedy = isOfCluster
    ? 'give each node a gtid_domain_id of its own'
    : 'set wsrep_gtid_mode = ON and one wsrep_gtid_domain_id on all nodes';
  return `the target reads from ${placeOf(channel)}, where changes have numbers that mean others on the source: ${remedy}`;
}
