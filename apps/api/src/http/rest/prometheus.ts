import {
  type Alert,
  type Engine,
  type GroupMember,
  type GroupState,
  type PairStateName,
  StorageError,
  type TableCounts,
} from '@lockstep/checks';
import { health } from '../../health.ts';
import { turns } from '../../turns.ts';

/** So many lines are written before others have their turns. */
const atOnce = 500;

type Labels = Record<string, string>;
/** A value that is not known is left out: a scraper would take any number for true. */
type Sample = [labels: Labels, value: number | null];

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

/** The current state for Prometheus: the same truth as the other doors, by its naming conventions. */
export async function prometheusText(engine: Engine, version: string): Promise<string> {
  const pieces: string[] = [];
  for (const piece of families(engine, version)) {
    pieces.push(piece);
    if (turns.exhausted()) await turns.next();
  }
  return pieces.join('');
}

function* families(engine: Engine, version: string): Generator<string> {
  const { ok, storage, servers } = health(engine);
  const pairs = engine.pairs();
  const perPair = (value: (pair: (typeof pairs)[number]) => number | null): Sample[] =>
    pairs.map((pair) => [{ pair: pair.name }, value(pair)]);
  const process_ = process.resourceUsage();

  yield* family('lockstep_build_info', 'gauge', 'The version that runs.', [[{ version }, 1]]);
  yield* family('lockstep_up', 'gauge', '1 while the engine and its storage work.', [[{}, Number(ok)]]);
  yield* family(
    'lockstep_replication_lag_seconds',
    'gauge',
    'Age of the oldest change that the target does not have yet; absent while unknown.',
    perPair((pair) => seconds(pair.lag?.lagMs)),
  );
  yield* family(
    'lockstep_replication_lag_uncertainty_seconds',
    'gauge',
    'The lag may be larger by this much; absent while unknown.',
    perPair((pair) => seconds(pair.lag?.uncertaintyMs)),
  );
  yield* family(
    'lockstep_replication_lag_known',
    'gauge',
    '1 while the lag is known, 0 while it is not.',
    perPair((pair) => Number(pair.lag != null && pair.lag.lagMs !== null)),
  );
  yield* family(
    'lockstep_replication_lag_measured_timestamp_seconds',
    'gauge',
    'When the lag was last measured.',
    perPair((pair) => seconds(pair.lag?.at.getTime())),
  );
  yield* family(
    'lockstep_heartbeat_lag_seconds',
    'gauge',
    "Age of the oldest heartbeat of the user's own pt-heartbeat that the target certainly lacks; absent without one, and while unknown.",
    perPair((pair) => seconds(pair.heartbeat?.lagMs)),
  );
  yield* family(
    'lockstep_heartbeat_lag_uncertainty_seconds',
    'gauge',
    'The lag by heartbeat may be larger by this much; absent while unknown.',
    perPair((pair) => seconds(pair.heartbeat?.uncertaintyMs)),
  );
  yield* family(
    'lockstep_replication_transactions_behind',
    'gauge',
    'Transactions that the source has and the target has not; absent while unknown.',
    perPair((pair) => pair.lag?.transactionsBehind ?? null),
  );
  yield* family(
    'lockstep_pair_info',
    'gauge',
    'The servers of a pair.',
    pairs.map(({ name, source, target }) => [{ pair: name, source, target }, 1]),
  );
  yield* family(
    'lockstep_pair_labels',
    'gauge',
    'The labels of a pair, each with label_ before its name; absent for a pair without any.',
    pairs.map(({ name, labels }) => [
      { pair: name, ...prefixed(labels) },
      Object.keys(labels).length > 0 ? 1 : null,
    ]),
  );
  yield* family(
    'lockstep_pair_state',
    'gauge',
    "1 for the pair's present state, 0 for every other.",
    pairs.flatMap((pair) =>
      pairStates.map((state): Sample => [{ pair: pair.name, state }, Number(pair.state === state)]),
    ),
  );
  yield* family(
    'lockstep_pair_paused',
    'gauge',
    '1 while a person holds the checks of a pair back.',
    perPair((pair) => Number(pair.paused)),
  );
  yield* family(
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
  yield* family(
    'lockstep_oldest_verification_timestamp_seconds',
    'gauge',
    'When the table verified longest ago was verified; absent while any table never was.',
    perPair((pair) => seconds(pair.oldestVerification?.getTime())),
  );
  yield* family(
    'lockstep_server_up',
    'gauge',
    '1 while Lockstep is connected to the server.',
    servers.map(({ name, connection }) => [{ server: name }, Number(connection === 'connected')]),
  );
  yield* groupFamilies(engine.groups());
  yield* family(
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
  yield* family('lockstep_storage_up', 'gauge', '1 while history is being kept.', [[{}, Number(storage.ok)]]);
  yield* family('lockstep_storage_buffered_writes', 'gauge', 'Writes that wait.', [[{}, storage.buffered]]);
  yield* family('lockstep_storage_dropped_writes_total', 'counter', 'Writes given up.', [
    [{}, storage.dropped],
  ]);
  yield* family('lockstep_storage_bytes', 'gauge', 'Size of the database file.', [[{}, storage.bytes]]);
  yield* family('process_resident_memory_bytes', 'gauge', 'Resident memory size.', [
    [{}, process.memoryUsage.rss()],
  ]);
  yield* family('process_cpu_seconds_total', 'counter', 'CPU time used, user and system.', [
    [{}, (process_.userCPUTime + process_.systemCPUTime) / 1e6],
  ]);
  yield* family('process_start_time_seconds', 'gauge', 'When the process started.', [
    [{}, Math.round(Date.now() / 1000 - process.uptime())],
  ]);
}

function* groupFamilies(groups: GroupState[]): Generator<string> {
  const members = groups.flatMap(({ name: group, members }) =>
    members.map((member) => ({ labels: { group, server: member.server }, member })),
  );
  yield* family(
    'lockstep_group_members',
    'gauge',
    'Members that a cluster has, watched or not; absent while unknown.',
    groups.map(({ name, kind, size }) => [{ group: name, kind }, size]),
  );
  yield* family(
    'lockstep_group_state',
    'gauge',
    "1 for the cluster's present state, 0 for every other.",
    groups.flatMap(({ name, state }) =>
      groupStates.map((each): Sample => [{ group: name, state: each }, Number(each === state)]),
    ),
  );
  yield* family(
    'lockstep_group_member_state',
    'gauge',
    "1 for a watched member's present state, 0 for every other.",
    members.flatMap(({ labels, member: { state } }) =>
      memberStates.map((each): Sample => [{ ...labels, state: each }, Number(each === state)]),
    ),
  );
  yield* family(
    'lockstep_group_member_lag_seconds',
    'gauge',
    'Age of the oldest change that another watched member has and this one has not; absent while unknown.',
    members.map(({ labels, member }) => [labels, seconds(member.lagMs)]),
  );
  yield* family(
    'lockstep_group_member_queue',
    'gauge',
    'Changes that a member has received and not applied; absent while unknown.',
    members.map(({ labels, member }) => [labels, member.queue]),
  );
  yield* family(
    'lockstep_flow_control_ratio',
    'gauge',
    'The share of the last seconds for which flow control held a member back; absent where that is not told.',
    members.map(({ labels, member }) => [labels, member.flowControl]),
  );
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

function* family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: Sample[],
): Generator<string> {
  const known = samples.filter(([, value]) => value !== null);
  if (known.length > 0) yield `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (let i = 0; i < known.length; i += atOnce) {
    const lines = known.slice(i, i + atOnce).map(([labels, value]) => `${name}${shown(labels)} ${value}\n`);
    yield lines.join('');
  }
}

/** So that none of the user's names is one of ours. */
function prefixed(labels: Readonly<Labels>): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label_${name}`, value]));
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function seconds(ms: number | null | undefined): number | null {
  return ms == null ? null : ms / 1000;
}
