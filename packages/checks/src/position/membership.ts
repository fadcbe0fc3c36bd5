import { foreignText } from '../server/foreign-text.ts';
import type { QueryOptions, ServerFacts, SqlRow, SqlServer, SqlValue } from '../server/sql-server.ts';
import { shownPositionFrom } from './gtid-row.ts';
import {
  formatMysqlGtidSet,
  isMysqlGtidSubset,
  parseMysqlGtidSet,
  unionMysqlGtidSet,
} from './mysql-gtid-set.ts';
import type { Position } from './position.ts';

/** What a member of a cluster says of its group: a Galera cluster, or a group of MySQL's Group Replication. */
export interface Membership {
  kind: NonNullable<ServerFacts['cluster']>;
  /** Equal on the members of one group and on no others; '' while it is in none. */
  group: string;
  /** `host:port` by which its group's views name it; absent or null where it does not say. */
  address?: string | null;
  /** How it takes part by its own word, which is stale for seconds after it was frozen. */
  standing: 'in' | 'donor' | 'joining' | 'no-quorum' | 'left';
  /** Why it takes no part in its group at present; null when it does. */
  outside: string | null;
  /** What it is about that a guest should wait for: a state transfer, for one; null for nothing. */
  busy: string | null;
  /** How far it has applied what its group committed; null where that is no history of the group's (`outside`). */
  position: Position | null;
  /** The same with what it is committing, which may be seen there already; absent where that is all. */
  shown?: Position;
  /** The same with what it has received and not applied; null where that is not told. */
  received: Position | null;
  /**
   * Of one that has left a group of Group Replication, or is cut off from the majority of it: all that it has, or will
   * apply before it is in one again.
   */
  kept?: string;
  /** What it takes for its group at present; null where it has no view, or it may not be read. */
  view: View | null;
  /** Of Group Replication, where it may be read. */
  role: 'primary' | 'secondary' | null;
  /** Changes that it has received and not applied; null where that is not told. */
  queue: number | null;
  /** Null where it is not told. */
  flowControl: FlowControl | null;
  /** So many commits are in its binlog that it shows once another replica has them; absent: none, or not told. */
  unshown?: number;
}

/** Each time that members come or go all who are left get a new one, with the next number. */
export interface View {
  /** Views with numbers of one lineage follow one another; '' is that of the cluster's history. */
  lineage: string;
  number: bigint;
  size: number;
  /** Their addresses, in no order. */
  members: readonly string[];
  /** How many of them this one does not reach, and has not given up; absent: none, or that is not told. */
  away?: number;
}

export interface FlowControl {
  /** For how long it held this member back since the server's start, in ns. */
  pausedNs: bigint;
  active: boolean;
  /** It is this member that asked for it. */
  requested: boolean;
}

/**
 * One statement with the privileges that Lockstep has anyway, which a server that waits for its group does not hold up;
 * null for a server that can be no member, which is not asked.
 */
export async function readMembership(server: SqlServer, options?: QueryOptions): Promise<Membership | null> {
  const { facts } = server;
  if (!facts?.cluster) return null;
  return memberFrom(facts, await server.query(membershipStatement[facts.cluster], [], options));
}

/** `rows`: what `membershipStatement` gave. `peers`: what `peersStatement` did; null where it was not asked. */
export function memberFrom(
  { cluster, uuid, ownAddress }: Pick<ServerFacts, 'cluster' | 'uuid' | 'ownAddress'>,
  rows: SqlRow[],
  peers: SqlRow[] | null = null,
): Membership {
  if (cluster !== 'galera') return groupMember(rows, peers, uuid);
  return { ...galeraMember(rows), address: ownAddress && isNamed(ownAddress) ? ownAddress : null };
}

/** By SHOW, which no causal wait holds, and which a node without a quorum answers, too. */
export const galeraStatement = `SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_last_committed',
  'wsrep_cluster_state_uuid', 'wsrep_local_state', 'wsrep_local_state_comment', 'wsrep_cluster_status', 'wsrep_ready',
  'wsrep_cluster_conf_id', 'wsrep_cluster_size', 'wsrep_incoming_addresses', 'wsrep_local_recv_queue',
  'wsrep_flow_control_active', 'wsrep_flow_control_requested', 'wsrep_flow_control_paused_ns',
  'Rpl_semi_sync_master_wait_sessions')`;

/**
 * Its rows are there with the plugin alone; in a group that is left its name stays. What it is committing is asked for
 * before its position, as in `shownStatement`.
 */
export const groupStatement = `SELECT @@global.gtid_owned AS owned, CHANNEL_NAME AS channel, GROUP_NAME AS group_name,
  SERVICE_STATE AS state, RECEIVED_TRANSACTION_SET AS received, @@global.gtid_executed AS executed
  FROM performance_schema.replication_connection_status
  WHERE CHANNEL_NAME IN ('group_replication_applier', 'group_replication_recovery')`;

export const membershipStatement: Record<Membership['kind'], string> = {
  galera: galeraStatement,
  'group-replication': groupStatement,
};

/** What `peersStatement` reads, each with a GRANT of its own. */
export const peerTables = ['replication_group_members', 'replication_group_member_stats'] as const;

export const peersStatement = `SELECT m.MEMBER_ID AS id, m.MEMBER_HOST AS host, m.MEMBER_PORT AS port,
  m.MEMBER_STATE AS state, m.MEMBER_ROLE AS role, s.VIEW_ID AS view,
  s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE AS queue
  FROM performance_schema.${peerTables[0]} m
  LEFT JOIN performance_schema.${peerTables[1]} s ON s.MEMBER_ID = m.MEMBER_ID`;

const galeraStandings: ReadonlyMap<string, Membership['standing']> = new Map([
  ['1', 'joining'],
  ['2', 'donor'],
  ['3', 'joining'],
  ['4', 'in'],
]);

export function galeraMember(rows: SqlRow[]): Membership {
  const values = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
  const value = (name: string) => foreignText(values.get(`wsrep_${name}`) ?? '');
  const [group, seqno, status] = [
    value('cluster_state_uuid'),
    value('last_committed'),
    value('cluster_status'),
  ];
  const comment = value('local_state_comment');
  const primary = status === 'Primary';
  // Without wsrep_on a node still gets what its cluster commits, and does not tell how far it has come.
  const off = primary && value('ready') === 'ON' && value('local_state') === '';
  // The state of one that was thrown out is what it was before, and for a moment its status, too.
  const gone = off || status === 'Disconnected' || comment === 'Inconsistent';
  const inside = primary && !gone && value('ready') === 'ON' && bigNumberOf(seqno) !== null;
  // Who joins is not ready before it is synced: this one never left.
  const catchesUp = inside && value('local_state') === '3';
  const stands = catchesUp ? 'in' : (galeraStandings.get(value('local_state')) ?? 'no-quorum');
  const standing = gone ? 'left' : primary && (inside || stands === 'joining') ? stands : 'no-quorum';
  const unshown = numberOf(values.get('Rpl_semi_sync_master_wait_sessions') ?? '') ?? 0;
  return {
    kind: 'galera',
    group,
    standing,
    outside: off ? wsrepOff : inside ? null : outsideOfCluster(standing, `${status}, ${comment}`),
    // One that has caught up is not ready at once.
    busy:
      primary && !gone && !inside && stands === 'in'
        ? `it is not ready (${comment})`
        : catchesUp
          ? `it catches up after it was a donor or desynced (${comment})`
          : galeraBusy(standing, comment),
    position: inside ? { kind: 'galera', text: `${group}:${seqno}`, group, seqno: BigInt(seqno) } : null,
    received: null,
    view: primary && !gone ? galeraView(value, values.get('wsrep_incoming_addresses') ?? '') : null,
    role: null,
    queue: inside ? numberOf(value('local_recv_queue')) : null,
    flowControl: {
      pausedNs: bigNumberOf(value('flow_control_paused_ns')) ?? 0n,
      active: isOn(value('flow_control_active')),
      requested: isOn(value('flow_control_requested')),
    },
    ...(unshown > 0 && { unshown }),
  };
}

export const wsrepOff = 'wsrep_on is OFF there, so that what is written on it stays on it';

function outsideOfCluster(standing: Membership['standing'], says: string): string {
  if (standing === 'left') return `it has left its cluster (wsrep_cluster_status ${says})`;
  if (standing === 'joining') return `it is joining its cluster (wsrep_cluster_status ${says})`;
  return `it is not in the primary component of its cluster (wsrep_cluster_status ${says})`;
}

function galeraBusy(standing: Membership['standing'], comment: string): string | null {
  if (standing === 'donor') return `it is a donor or desynced (${comment})`;
  return standing === 'joining' ? `it is joining (${comment})` : null;
}

/** What says that it has more is no view of a cluster: of each member it is looked which views it is in. */
const mostMembers = 250;
const longestAddress = 300;

function galeraView(value: (name: string) => string, addresses: string): View | null {
  const [number, size] = [bigNumberOf(value('cluster_conf_id')), numberOf(value('cluster_size'))];
  const members = addresses.split(',', mostMembers + 1);
  if (number === null || !size || Math.max(size, members.length) > mostMembers) return null;
  return { lineage: '', number, size, members: members.filter(isNamed) };
}

/** An arbitrator has none, and by default a node may say AUTO, or a port 0. */
function isNamed(address: string): boolean {
  return address.length <= longestAddress && /:[1-9]\d*$/.test(address);
}

/** `peers`: what `peersStatement` gave; null where it was not asked. `uuid`: the member's own. */
export function groupMember(rows: SqlRow[], peers: SqlRow[] | null, uuid: string): Membership {
  const of = (channel: string) => rows.find((row) => row['channel'] === `group_replication_${channel}`);
  const applier = of('applier');
  const service = textOf(applier?.['state'] ?? 'OFF');
  const recovering = !['OFF', ''].includes(String(of('recovery')?.['state'] ?? 'OFF'));
  const own = peers?.find((row) => row['id'] === uuid) ?? null;
  const said = own
    ? textOf(own['state'])
    : recovering
      ? 'RECOVERING'
      : service === 'ON'
        ? 'ONLINE'
        : 'OFFLINE';
  const away = peers?.filter((row) => row['state'] === 'UNREACHABLE').length ?? 0;
  const cutOff = peers !== null && away * 2 >= peers.length && away > 0;
  const standing =
    service !== 'ON' || said === 'ERROR' || said === 'OFFLINE'
      ? 'left'
      : cutOff
        ? 'no-quorum'
        : said === 'RECOVERING'
          ? 'joining'
          : 'in';
  const outside = {
    left: `it has left its group (its group_replication_applier is ${service}${own ? `, it is ${said}` : ''})`,
    'no-quorum': `it is cut off from the majority of its group: ${away} of ${peers?.length} members are UNREACHABLE to it`,
    joining: null,
    in: null,
  }[standing];
  const gtids = (name: string) => String(applier?.[name] ?? '').replaceAll('\n', '');
  const [executed, received] = [gtids('executed'), gtids('received')];
  const shown = outside === null && applier ? shownPositionFrom({ ...applier, executed }) : null;
  const role = String(own?.['role'] ?? '').toLowerCase();
  return {
    kind: 'group-replication',
    address: own && addressIn(own),
    group: textOf(applier?.['group_name']),
    standing,
    outside,
    busy: standing === 'joining' ? 'it is joining its group (RECOVERING)' : null,
    position: outside === null ? { kind: 'mysql-gtid', text: executed } : null,
    ...(shown?.committing && { shown }),
    received: outside === null ? { kind: 'mysql-gtid', text: unionOf(executed, received) } : null,
    ...((standing === 'left' || standing === 'no-quorum') &&
      applier && { kept: unionOf(executed, received) }),
    view: own && peers ? groupView(own, peers) : null,
    role: role === 'primary' || role === 'secondary' ? role : null,
    queue: own && outside === null ? numberOf(String(own['queue'] ?? '')) : null,
    flowControl: null,
  };
}

/** `<when the group was begun>:<number>`. */
function groupView(own: SqlRow, peers: SqlRow[]): View | null {
  const [, lineage = '', number] = /^(.*):(\d{1,20})$/.exec(textOf(own['view'])) ?? [];
  if (number === undefined || peers.length > mostMembers) return null;
  const away = peers.filter((peer) => peer['state'] === 'UNREACHABLE').length;
  const members = peers.map(addressIn);
  return { lineage, number: BigInt(number), size: peers.length, members, ...(away > 0 && { away }) };
}

function addressIn(peer: SqlRow): string {
  return `${textOf(peer['host'])}:${textOf(peer['port'])}`;
}

function textOf(value: SqlValue | undefined): string {
  return foreignText(String(value ?? ''));
}

function unionOf(executed: string, received: string): string {
  const [has, sent] = [parseMysqlGtidSet(executed), parseMysqlGtidSet(received)];
  return isMysqlGtidSubset(sent, has) ? executed : formatMysqlGtidSet(unionMysqlGtidSet(has, sent));
}

function isOn(text: string): boolean {
  return /^(ON|true|1)$/i.test(text);
}

function numberOf(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Up to 2^64: of a million digits it would take seconds to read them. */
function bigNumberOf(text: string): bigint | null {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : null;
}
