import type { ChannelStatus } from '../model/replication.ts';
import { oneServer } from '../server/one-server.ts';
import type { Server } from '../server/server.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { auroraFigure, type AuroraMember } from './aurora.ts';
import type { Route } from './replica-lag-monitor.ts';
import type { StatusReading } from './replication-status-reader.ts';

/** Why no channel of a target's is the pair's, or is known to be. */
export interface NoChannel {
  reason: 'absent' | 'group' | 'ambiguous' | 'unread' | 'nonsense';
  evidence: string;
}

export interface WithoutChannel {
  source: Server;
  target: Server;
  /** The configured one. */
  channel: string | null;
  reading: StatusReading | null;
  /** Why what was read last cannot be believed; null when it can. */
  nonsense: string | null;
  route: Route | null;
  /** Several channels may be the pair's. */
  ambiguous: boolean;
}

export function whyNoChannel(pair: WithoutChannel): NoChannel {
  const { source, target, reading, nonsense, route } = pair;
  if (nonsense !== null) return { reason: 'nonsense', evidence: nonsense };
  if (!reading) return { reason: 'unread', evidence: 'the replication status was not read yet' };
  if (route?.one) {
    const evidence = oneServer(source, target) ?? 'what lies between them was not found out yet';
    return { reason: 'unread', evidence };
  }
  if (route?.throughCluster) {
    const { kind, evidence: method } = route.method;
    const evidence = `gets it through its cluster, another member of which has the channel; ${kind === null ? method : `compared ${method}`}`;
    return { reason: 'group', evidence };
  }
  if (route?.group) {
    const { kind, evidence } = route.method;
    return {
      reason: 'group',
      evidence: kind === null ? evidence : `both are members of one cluster; compared ${evidence}`,
    };
  }
  const { channels, fault } = reading;
  if (!channels) {
    const unread = fault?.kind === 'privilege' ? unseen(target) : 'the replication status could not be read';
    return { reason: 'unread', evidence: `${unread}: ${fault?.message}` };
  }
  if (pair.ambiguous) return { reason: 'ambiguous', evidence: ambiguity(source, target, channels) };
  if (channels.length === 0 && target.facts?.cluster && !source.facts) {
    // It may be a member of the same one.
    return { reason: 'unread', evidence: `${source.name}: ${source.evidence}` };
  }
  const evidence =
    channels.length > 0
      ? `${target.name} has no channel "${pair.channel}", only ${namesOf(channels)}`
      : noReplica(source, target, reading.aurora ?? []);
  return { reason: 'absent', evidence };
}

export function unseen({ name }: Server): string {
  return `threads and filters of ${name}: not visible with this account`;
}

export function ambiguity(source: Server, target: Server, channels: ChannelStatus[]): string {
  const { facts } = source;
  const twins = facts ? channels.filter(({ sourceIdentity }) => sourceIdentity === facts.serverId) : [];
  return twins.length > 1
    ? `${target.name} has the channels ${namesOf(channels)}; ${twins.length} of them read from servers with the server_id ${facts?.serverId} of ${source.name}, at addresses that do not tell which is its own: name the pair's channel in the configuration`
    : `${target.name} has the channels ${namesOf(channels)}, none of which reads from ${source.name}: name the pair's channel in the configuration`;
}

function namesOf(channels: ChannelStatus[]): string {
  return channels.map(({ name }) => `"${name}"`).join(', ');
}

function noReplica(source: Server, target: Server, members: readonly AuroraMember[]): string {
  const storage = sameStorage(source, target, members);
  const { aurora, instance, cluster } = target.facts ?? {};
  if (cluster && storage === null) {
    return `${target.name} is a member of a cluster, has no channel of its own, and nothing of ${source.name}`;
  }
  if (storage === null && !aurora?.reader) return `${target.name} is not a replica`;
  const what =
    storage ?? "it is an Aurora reader, which reads the storage of its cluster's writer and is no copy of it";
  const figure = aurora?.reader ? auroraFigure(members, instance?.['aurora_server_id']) : '';
  return `${target.name} is not a replica: ${what}${figure}`;
}

/** Why what one side holds the other holds as well, whatever it is: null where each has its own storage. */
export function sameStorage(source: Server, target: Server, members: readonly AuroraMember[]): string | null {
  const [here, there] = [source.facts, target.facts];
  if (!here?.aurora || !there?.aurora) return null;
  const isMember = ({ instance }: ServerFacts) =>
    members.some((member) => member.instance === instance['aurora_server_id']);
  // Servers of one cluster may have one uuid.
  if (here.uuid !== there.uuid && !(isMember(here) && isMember(there))) return null;
  return `${source.name} and ${target.name} are of one Aurora cluster and read the same storage, which is no copy`;
}
