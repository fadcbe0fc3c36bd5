import type { QueryOptions, ServerFacts, SqlRow, SqlServer } from '../server/sql-server.ts';
import type { Position } from './position.ts';

/** What a member of a cluster says of its group: a Galera cluster, or a group of MySQL's Group Replication. */
export interface Membership {
  kind: NonNullable<ServerFacts['cluster']>;
  /** Equal on the members of one group and on no others; '' while it is in none. */
  group: string;
  /** Why it takes no part in its group at present; null when it does. */
  outside: string | null;
  /** What it is about that a guest should wait for: a state transfer, or holding back the others; null for nothing. */
  busy: string | null;
  /** How far it has applied what its group committed; null where that is no history of the group's (`outside`). */
  position: Position | null;
}

/**
 * One statement with the privileges that Lockstep has anyway, which a server that waits for its group does not hold up;
 * null for a server that can be no member, which is not asked.
 */
export async function readMembership(server: SqlServer, options?: QueryOptions): Promise<Membership | null> {
  const { facts } = server;
  if (facts?.cluster === 'galera') return galeraMember(await server.query(galeraStatement, [], options));
  if (facts?.cluster === 'group-replication') {
    return groupMember(await server.query(groupStatement, [], options));
  }
  return null;
}

/** By SHOW, which no causal wait holds, and which a node without a quorum answers, too. */
export const galeraStatement = `SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_last_committed',
  'wsrep_cluster_state_uuid', 'wsrep_local_state', 'wsrep_local_state_comment', 'wsrep_cluster_status', 'wsrep_ready',
  'wsrep_flow_control_active')`;

/** Its rows are there with the plugin alone; in a group that is left its name stays. */
export const groupStatement = `SELECT CHANNEL_NAME AS channel, GROUP_NAME AS group_name, SERVICE_STATE AS state,
  @@global.gtid_executed AS executed FROM performance_schema.replication_connection_status
  WHERE CHANNEL_NAME IN ('group_replication_applier', 'group_replication_recovery')`;

const synced = '4';
/** What a node is about in the states that end by themselves. */
const doings: Record<string, string> = { '1': 'joining', '2': 'a donor or desynced', '3': 'joining' };

export function galeraMember(rows: SqlRow[]): Membership {
  const values = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
  const value = (name: string) => values.get(`wsrep_${name}`) ?? '';
  const [group, seqno, state] = [value('cluster_state_uuid'), value('last_committed'), value('local_state')];
  const [comment, doing] = [value('local_state_comment'), doings[state]];
  const inside = value('cluster_status') === 'Primary' && value('ready') === 'ON' && /^\d+$/.test(seqno);
  const slow = /^(ON|true|1)$/i.test(value('flow_control_active'))
    ? 'flow control holds its cluster back'
    : null;
  return {
    kind: 'galera',
    group,
    outside: inside
      ? null
      : `it is not in the primary component of its cluster (wsrep_cluster_status ${value('cluster_status')}, ${comment})`,
    busy: state === synced ? slow : doing ? `it is ${doing} (${comment})` : null,
    position: inside ? { kind: 'galera', text: `${group}:${seqno}`, group, seqno: BigInt(seqno) } : null,
  };
}

export function groupMember(rows: SqlRow[]): Membership {
  const of = (channel: string) => rows.find((row) => row['channel'] === `group_replication_${channel}`);
  const applier = of('applier');
  const state = String(applier?.['state'] ?? 'OFF');
  const recovering = !['OFF', ''].includes(String(of('recovery')?.['state'] ?? 'OFF'));
  const outside = state === 'ON' ? null : `it has left its group (its group_replication_applier is ${state})`;
  return {
    kind: 'group-replication',
    group: String(applier?.['group_name'] ?? ''),
    outside,
    busy: recovering ? 'it is joining its group (RECOVERING)' : null,
    position:
      outside === null
        ? { kind: 'mysql-gtid', text: String(applier?.['executed'] ?? '').replaceAll('\n', '') }
        : null,
  };
}
