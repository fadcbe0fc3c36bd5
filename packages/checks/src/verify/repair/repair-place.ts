import { channelName, replicaStatusStatement } from '../../position/file-row.ts';
import { type Membership, readMembership } from '../../position/membership.ts';
import { atLeast } from '../../server/flavour.ts';
import { isOn } from '../../server/session.ts';
import {
  type QueryOptions,
  type ServerFacts,
  ServerFault,
  type SqlRow,
  type SqlServer,
} from '../../server/sql-server.ts';
import { text } from '../../server/sql-text.ts';

/** What a repair has to know of the server that it is for, so that it does no harm there or beyond it. */
export interface RepairPlace {
  /** What must hold where the statements are run, and the sentence for where it does not. */
  must: { holds: string; otherwise: string }[];
  /** Statements that keep what follows on this one server, and let it be written there. */
  local: string[];
  /** Statements that take those back. */
  afterwards: string[];
  /** Why, and what else could be done; a line each. Empty: what is written there is the person's own decision. */
  advice: string[];
  /** Why there must be no repair; null where there may. */
  refused: string | null;
}

const unlogged = { local: ['SET SESSION sql_log_bin = 0'], afterwards: ['SET SESSION sql_log_bin = 1'] };
const unspread = {
  // Without the second they would be numbered in this node's binary log, and its numbers be the others' no more.
  local: ['SET SESSION wsrep_on = 0', 'SET SESSION sql_log_bin = 0'],
  afterwards: ['SET SESSION sql_log_bin = 1', 'SET SESSION wsrep_on = 1'],
};
/** Of the whole server, so only where the check found that it is the right one, even if a client goes on after it. */
const setReadOnly = (to: 0 | 1) =>
  `SET GLOBAL super_read_only = IF(@lockstep = '', ${to}, @@GLOBAL.super_read_only)`;
const writable = { local: [setReadOnly(0)], afterwards: [setReadOnly(1)] };

export async function repairPlace(
  source: SqlServer,
  target: SqlServer,
  query: QueryOptions,
): Promise<RepairPlace> {
  const { facts } = target;
  if (!facts) throw new ServerFault('connection', target.name, `${target.name} was never connected`);
  const [member, channels, variables] = await Promise.all([
    readMembership(target, query),
    channelsOf(target, facts, query),
    variablesOf(target, query),
  ]);
  const place: RepairPlace = {
    must: [{ holds: isThisServer(variables), otherwise: `this server is not ${target.name}` }],
    local: [],
    afterwards: [],
    advice: [],
    refused: null,
  };
  // Set up to be a member, it is in no group, and replicates.
  const isReplica = member?.standing === 'left' && channels.some(isRunning);
  if (member && !isReplica) {
    const outside = !areOfOneCluster(source.facts, await readMembership(source, query), facts, member);
    ofMember(place, target.name, member, variables, outside);
  } else if (channels.length > 0) {
    ofReplica(place, target.name, facts, channels);
    // Once it is in a cluster, what is written on it goes to all nodes.
    if (member?.kind === 'galera' || variables.get('wsrep_on') === 'OFF') {
      place.must.push({
        holds: '@@GLOBAL.wsrep_on = 0',
        otherwise: `${target.name} is a node of a cluster now`,
      });
    }
  }
  return place;
}

function ofMember(
  place: RepairPlace,
  name: string,
  member: Membership,
  variables: Map<string, string>,
  outside: boolean,
): void {
  if (member.outside !== null) {
    place.refused = `no statements for ${name}: ${member.outside}; when it rejoins it gets what it lacks from its group`;
    return;
  }
  const rejoin = 'Or let it rejoin with a full copy instead (SST), which makes all of it what its donor is.';
  if (member.kind === 'galera') {
    const status = (variable: string) =>
      `(SELECT VARIABLE_VALUE FROM ${variables.has('server_uuid') ? 'performance_schema' : 'information_schema'}.GLOBAL_STATUS WHERE VARIABLE_NAME = '${variable}')`;
    place.must.push(
      {
        holds: `${status('wsrep_cluster_state_uuid')} = ${text(member.group)}`,
        otherwise: `${name} is in another cluster than it was`,
      },
      {
        holds: `${status('wsrep_cluster_status')} = 'Primary' AND ${status('wsrep_local_state_comment')} = 'Synced'`,
        otherwise: `${name} is not a synced node of its cluster`,
      },
    );
    place.afterwards.push(...unspread.afterwards);
    if (outside) {
      place.must.push(whoDiffers(name));
      place.local.push(spreadAsSaid('wsrep_on'), spreadAsSaid('sql_log_bin'));
      place.advice.push(...fromOutside, rejoin);
      return;
    }
    place.local.push(...unspread.local);
    place.advice.push(
      'A node of a Galera cluster: replicated, these writes would fail on the nodes that have the right rows, and the',
      'cluster would throw out this node or those. wsrep_on = 0 keeps them on this node (sql_log_bin = 0 alone does not).',
      'Other nodes, and replicas of this one, do not get them: compare each with the source, and repair it by itself.',
      rejoin,
    );
    return;
  }
  const secondary = isOn(variables.get('super_read_only'));
  const ofMe = (column: string) =>
    `(SELECT ${column} FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid)`;
  place.must.push(
    {
      holds: `${ofMe('MEMBER_STATE')} = 'ONLINE'`,
      otherwise: `${name} is not an ONLINE member of its group`,
    },
    {
      holds: `${ofMe('MEMBER_ROLE')} = '${secondary ? 'SECONDARY' : 'PRIMARY'}'`,
      otherwise: `${name} is not a ${secondary ? 'secondary' : 'primary'} any more`,
    },
  );
  if (outside) place.must.push(secondary ? onlyThisDiffers(name) : whoDiffers(name));
  const asSaid = outside && !secondary;
  place.local.push(
    ...(asSaid ? [spreadAsSaid('sql_log_bin')] : unlogged.local),
    ...(secondary ? writable.local : []),
  );
  place.afterwards.push(...(secondary ? writable.afterwards : []), ...unlogged.afterwards);
  place.advice.push(
    ...(outside ? (secondary ? fromOutsideToSecondary : fromOutside) : ofGroup),
    ...(secondary
      ? [
          'It is a secondary, which takes writes only while super_read_only is 0. Should this end before its last line, set',
          'it back: SET GLOBAL super_read_only = 1;',
        ]
      : []),
    'Or let it rejoin with a full copy instead (clone), which makes all of it what its donor is.',
  );
}

/** Set by the person who runs it, before all else: what no look at two servers tells. */
const said = '@all_members';

/** A session has the variable as it is by default, which is 1. */
const spreadAsSaid = (variable: string) => `SET SESSION ${variable} = IF(${said} = 1, 1, 0)`;

function whoDiffers(name: string): RepairPlace['must'][number] {
  const otherwise = `say first whether all members differ: SET ${said} = 1 repairs them all, SET ${said} = 0 ${name} alone`;
  return { holds: `${said} IN (0, 1)`, otherwise };
}

function onlyThisDiffers(name: string): RepairPlace['must'][number] {
  const otherwise = `say first whether all members differ: then repair the primary; SET ${said} = 0 repairs ${name} alone`;
  return { holds: `${said} = 0`, otherwise };
}

const ofGroup = [
  'A member of a group: replicated, these writes would fail on the members that have the right rows, which would leave',
  'the group with an error. sql_log_bin = 0 keeps them on this member. Other members, and replicas of this one, do not',
  'get them: compare each with the source, and repair it by itself.',
];

const maybeAll =
  'The source is outside of this cluster: all members may differ from it, or this one alone. Compare it with another one';
const otherwiseLost =
  'The other way round the cluster loses this member, or the others, at the next change of such a row.';

/**
 * What came to one member by a channel, or was written there, all have. Mended on one alone, the next change of such a
 * row would fail on the others; mended on all, where one alone is wrong, the repair itself would.
 */
const fromOutside = [
  maybeAll,
  `first. Where they are the same, put SET ${said} = 1; before this: it then goes to all members, by their binary logs,`,
  `in which the source does not have it. Where this one alone is wrong, put SET ${said} = 0; before it: it stays here.`,
  otherwiseLost,
];

const fromOutsideToSecondary = [
  maybeAll,
  'first. Where they are the same, do not run this: repair the primary, by a pair of its own. Where this one alone is',
  `wrong, put SET ${said} = 0; before it: sql_log_bin = 0 keeps it here.`,
  otherwiseLost,
];

/** A copy of a cluster has its history, and a name of its own. */
function areOfOneCluster(
  source: ServerFacts | null,
  of: Membership | null,
  target: ServerFacts,
  member: Membership,
): boolean {
  return (
    of?.kind === member.kind &&
    of.group === member.group &&
    (of.kind !== 'galera' || source?.clusterName === target.clusterName)
  );
}

function isRunning(row: SqlRow): boolean {
  return row['Replica_SQL_Running'] === 'Yes' || row['Slave_SQL_Running'] === 'Yes';
}

function ofReplica(place: RepairPlace, name: string, facts: ServerFacts, channels: SqlRow[]): void {
  const holds = readsStill(facts, channels);
  if (holds) place.must.push({ holds, otherwise: `${name} does not replicate any more as it did` });
  place.local.push(...unlogged.local);
  place.afterwards.push(...unlogged.afterwards);
  place.advice.push(
    'A replica: in its own binary log these writes would be transactions that its source does not have, which a failover',
    'to it would bring to all others, and which stop replicas of its own that have the right rows. sql_log_bin = 0 keeps',
    'them here, and needs the privilege to. Replicas of this one do not get them: compare each with the source.',
  );
}

/** What tells in SQL that it is still a replica of whom it was; null where nothing does. */
function readsStill({ flavour, version }: ServerFacts, channels: SqlRow[]): string | null {
  if (flavour === 'mysql') {
    const places = channels.map((row) => {
      const [host, port] = [
        row['Source_Host'] ?? row['Master_Host'],
        row['Source_Port'] ?? row['Master_Port'],
      ];
      return `(${text(channelName(row))}, ${text(String(host))}, ${Number(port)})`;
    });
    return atLeast(version, [5, 7, 0])
      ? `EXISTS (SELECT 1 FROM performance_schema.replication_connection_configuration WHERE (CHANNEL_NAME, HOST, PORT) IN (${places.join(', ')}))`
      : null;
  }
  const running = channels.some((row) => row['Slave_SQL_Running'] === 'Yes');
  return running
    ? `(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Slaves_running') > 0`
    : null;
}

/** Several servers may have one `server_id`, and containers one port and folder. */
function isThisServer(variables: Map<string, string>): string {
  const uuid = variables.get('server_uuid');
  if (uuid !== undefined) return `@@server_uuid = ${text(uuid)}`;
  return ['server_id', 'port', 'hostname', 'datadir', 'server_uid']
    .flatMap((name) => {
      const value = variables.get(name);
      return value === undefined ? [] : [`@@${name} = ${text(value)}`];
    })
    .join(' AND ');
}

async function channelsOf(target: SqlServer, facts: ServerFacts, query: QueryOptions): Promise<SqlRow[]> {
  try {
    return await target.query(replicaStatusStatement(facts), [], query);
  } catch (fault) {
    // Whoever cannot tell takes it for one.
    if (fault instanceof ServerFault && fault.kind === 'privilege') return [{}];
    throw fault;
  }
}

async function variablesOf(target: SqlServer, query: QueryOptions): Promise<Map<string, string>> {
  const rows = await target.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN
     ('server_uuid', 'server_id', 'server_uid', 'port', 'hostname', 'datadir', 'super_read_only', 'wsrep_on')`,
    [],
    query,
  );
  return new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
}
