import {
  type Alert,
  type Engine,
  type GroupMember,
  type GroupState,
  type PairStateName,
  StorageError,
  type TableCounts,
} from '@lockstep/checks';
import type { EventLoopDelay } from '../../event-loop-delay.ts';
import { health } from '../../health.ts';
import type { Notifications } from '../../notify/notifications.ts';
import { Exposition, type Labels, type Sample, seconds } from './exposition.ts';
import { tellAlerts } from './tell-alerts.ts';
import { tellDeliveries } from './tell-deliveries.ts';
import { tellReplication } from './tell-replication.ts';
import { tellRuns } from './tell-runs.ts';

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

// Every word of each type, as keys: a new one does not compile until it is listed.
const pairStates = Object.keys({
  'in-sync': 0,
  lagging: 0,
  delayed: 0,
  stopped: 0,
  connecting: 0,
  broken: 0,
  'not-configured': 0,
  vanished: 0,
  'not-in-group': 0,
  'no-quorum': 0,
  joining: 0,
  'source-behind': 0,
  unknown: 0,
} satisfies Record<PairStateName, 0>);

const groupStates = Object.keys({
  whole: 0,
  degraded: 0,
  split: 0,
  unknown: 0,
} satisfies Record<GroupState['state'], 0>);
const memberStates = Object.keys({
  'in-group': 0,
  donor: 0,
  joining: 0,
  'no-quorum': 0,
  'not-in-group': 0,
  unknown: 0,
} satisfies Record<GroupMember['state'], 0>);

const verdicts: Record<Exclude<keyof TableCounts, 'total'>, string> = {
  match: 'match',
  different: 'different',
  schemaDiffers: 'schema_differs',
  missing: 'missing',
  unverified: 'unverified',
  error: 'error',
  pending: 'pending',
};

const severities = Object.keys({
  CRITICAL: 0,
  WARNING: 0,
  INFO: 0,
} satisfies Record<Alert['severity'], 0>) as Alert['severity'][];
const openStates = ['pending', 'firing'] as const;

export interface Told {
  engine: Engine;
  version: string;
  notifications: Notifications;
  loopDelay: EventLoopDelay;
}

/** The current state for Prometheus: the same truth as the other doors, by its naming conventions. */
export async function prometheusText({ engine, version, notifications, loopDelay }: Told): Promise<string> {
  const text = new Exposition();
  const family = text.add.bind(text);
  const { ok, storage, servers } = health(engine);
  const pairs = engine.pairs();
  const perPair = (value: (pair: (typeof pairs)[number]) => number | null): Sample[] =>
    pairs.map((pair) => [{ pair: pair.name }, value(pair)]);
  const process_ = process.resourceUsage();
  const tallies = engine.tallies();

  family('lockstep_build_info', 'gauge', 'The version that runs.', [[{ version }, 1]]);
  family('lockstep_up', 'gauge', '1 while the engine and its storage work.', [[{}, Number(ok)]]);
  family(
    'lockstep_replication_lag_seconds',
    'gauge',
    'Age of the oldest change that the target does not have yet; absent while unknown.',
    perPair((pair) => seconds(pair.lag?.lagMs)),
  );
  family(
    'lockstep_replication_lag_uncertainty_seconds',
    'gauge',
    'The lag may be larger by this much; absent while unknown.',
    perPair((pair) => seconds(pair.lag?.uncertaintyMs)),
  );
  family(
    'lockstep_replication_lag_known',
    'gauge',
    '1 while the lag is known, 0 while it is not.',
    perPair((pair) => Number(pair.lag != null && pair.lag.lagMs !== null)),
  );
  family(
    'lockstep_replication_lag_measured_timestamp_seconds',
    'gauge',
    'When the lag was last measured.',
    perPair((pair) => seconds(pair.lag?.at.getTime())),
  );
  family(
    'lockstep_heartbeat_lag_seconds',
    'gauge',
    "Age of the oldest heartbeat of the user's own pt-heartbeat that the target certainly lacks; absent without one, and while unknown.",
    perPair((pair) => seconds(pair.heartbeat?.lagMs)),
  );
  family(
    'lockstep_heartbeat_lag_uncertainty_seconds',
    'gauge',
    'The lag by heartbeat may be larger by this much; absent while unknown.',
    perPair((pair) => seconds(pair.heartbeat?.uncertaintyMs)),
  );
  family(
    'lockstep_replication_transactions_behind',
    'gauge',
    'Transactions that the source has and the target has not; absent while unknown.',
    perPair((pair) => pair.lag?.transactionsBehind ?? null),
  );
  family(
    'lockstep_pair_info',
    'gauge',
    'The servers of a pair.',
    pairs.map(({ name, source, target }) => [{ pair: name, source, target }, 1]),
  );
  family(
    'lockstep_pair_labels',
    'gauge',
    'The labels of a pair, each with label_ before its name; absent for a pair without any.',
    pairs.map(({ name, labels }) => [
      { pair: name, ...prefixed(labels) },
      Object.keys(labels).length > 0 ? 1 : null,
    ]),
  );
  family(
    'lockstep_pair_state',
    'gauge',
    "1 for the pair's present state, 0 for every other.",
    pairs.flatMap((pair) =>
      pairStates.map((state): Sample => [{ pair: pair.name, state }, Number(pair.state === state)]),
    ),
  );
  family(
    'lockstep_pair_paused',
    'gauge',
    '1 while a person holds the checks of a pair back.',
    perPair((pair) => Number(pair.paused)),
  );
  family(
    'lockstep_table_verdicts',
    'gauge',
    'Tables of a pair by what is known of them.',
    pairs.flatMap((pair) =>
      Object.entries(verdicts).map(([key, verdict]): Sample => [
        { pair: pair.name, verdict },
        pair.tables[key as keyof typeof verdicts],
      ]),
    ),
  );
  family(
    'lockstep_oldest_verification_timestamp_seconds',
    'gauge',
    'When the table verified longest ago was verified; absent while any table never was.',
    perPair((pair) => seconds(pair.oldestVerification?.getTime())),
  );
  family(
    'lockstep_server_up',
    'gauge',
    '1 while Lockstep is connected to the server.',
    servers.map(({ name, connection }) => [{ server: name }, Number(connection === 'connected')]),
  );
  tellGroups(text, engine.groups());
  tellReplication(text, pairs);
  tellRuns(text, engine, tallies);
  family(
    'lockstep_alerts',
    'gauge',
    'Open alerts by state and severity.',
    openStates.flatMap((state) =>
      severities.map((severity): Sample => [
        { state, severity: severity.toLowerCase() },
        countOf(engine, state, severity),
      ]),
    ),
  );
  family('lockstep_storage_up', 'gauge', '1 while history is being kept.', [[{}, Number(storage.ok)]]);
  family('lockstep_storage_buffered_writes', 'gauge', 'Writes that wait.', [[{}, storage.buffered]]);
  family('lockstep_storage_dropped_writes_total', 'counter', 'Writes given up.', [[{}, storage.dropped]]);
  family('lockstep_storage_bytes', 'gauge', 'Size of the database file.', [[{}, storage.bytes]]);
  family('process_resident_memory_bytes', 'gauge', 'Resident memory size.', [
    [{}, process.memoryUsage.rss()],
  ]);
  family('process_cpu_seconds_total', 'counter', 'CPU time used, user and system.', [
    [{}, (process_.userCPUTime + process_.systemCPUTime) / 1e6],
  ]);
  family('process_start_time_seconds', 'gauge', 'When the process started.', [
    [{}, Math.round(Date.now() / 1000 - process.uptime())],
  ]);
  tellAlerts(text, tallies.openAlerts);
  tellDeliveries(text, notifications);
  const { quantiles, sum, count } = loopDelay.read();
  text.addSummary(
    'lockstep_event_loop_delay_seconds',
    'How long work waited for its turn, in the last one to two minutes; sum and count since the start.',
    quantiles,
    { sum, count },
  );
  return await text.end();
}

function tellGroups(text: Exposition, groups: GroupState[]): void {
  const family = text.add.bind(text);
  const named = groups.map((group) => ({ ...group, name: nameAmong(group, groups) }));
  const members = named.flatMap(({ name: group, members }) =>
    members.map((member) => ({ labels: { group, server: member.server }, member })),
  );
  family(
    'lockstep_group_members',
    'gauge',
    'Members that a cluster has, watched or not; absent while unknown.',
    named.map(({ name, kind, size }) => [{ group: name, kind }, size]),
  );
  family(
    'lockstep_group_state',
    'gauge',
    "1 for the cluster's present state, 0 for every other.",
    named.flatMap(({ name, state }) =>
      groupStates.map((each): Sample => [{ group: name, state: each }, Number(each === state)]),
    ),
  );
  family(
    'lockstep_group_member_state',
    'gauge',
    "1 for a watched member's present state, 0 for every other.",
    members.flatMap(({ labels, member: { state } }) =>
      memberStates.map((each): Sample => [{ ...labels, state: each }, Number(each === state)]),
    ),
  );
  family(
    'lockstep_group_member_lag_seconds',
    'gauge',
    'Age of the oldest change that another watched member has and this one has not; absent while unknown.',
    members.map(({ labels, member }) => [labels, seconds(member.lagMs)]),
  );
  family(
    'lockstep_group_member_queue',
    'gauge',
    'Changes that a member has received and not applied; absent while unknown.',
    members.map(({ labels, member }) => [labels, member.queue]),
  );
  family(
    'lockstep_flow_control_ratio',
    'gauge',
    'The share of the last seconds for which flow control held a member back; absent where that is not told.',
    members.map(({ labels, member }) => [labels, member.flowControl]),
  );
}

/** Every Galera cluster whose name nobody chose has the same: two of one name are told apart by their first members. */
function nameAmong({ id, name, members }: GroupState, groups: readonly GroupState[]): string {
  const isAlone = groups.every((other) => other.name !== name || other.id === id);
  return isAlone ? name : `${name} (${members[0]?.server ?? id})`;
}

/** Null while the storage cannot be read; everything else is told all the same. */
function countOf(engine: Engine, state: Alert['state'], severity: Alert['severity']): number | null {
  try {
    return engine.alerts({ states: [state], severities: [severity] }, { limit: 1 }).total;
  } catch (error) {
    if (error instanceof StorageError) return null;
    throw error;
  }
}

/** So that none of the user's names is one of ours. */
function prefixed(labels: Readonly<Labels>): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label_${name}`, value]));
}
