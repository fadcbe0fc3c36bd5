import type { ChannelStatus, ReplicationError, ThreadState } from '../model/replication.ts';
import { channelName } from '../position/file-row.ts';
import { foreignText, withoutValues } from '../server/foreign-text.ts';
import type { SqlRow, SqlValue } from '../server/sql-server.ts';
import { smallNumber, wholeNumber } from './whole-number.ts';

/** A filter names each table that it is about, and by all of it is judged which it leaves out: no server has more. */
const mostOfFilter = 100_000;

/**
 * A channel from a row of `SHOW REPLICA STATUS`, `SHOW SLAVE STATUS` or `SHOW ALL SLAVES STATUS`: the same fields
 * under the names of either age.
 */
export function channelStatusFrom(row: SqlRow): ChannelStatus {
  const field = (name: string): string | null => text(row[name]);
  /** `Source_…`, formerly `Master_…`; `Replica_…`, formerly `Slave_…`. */
  const source = (name: string): string | null =>
    text(row[name.replace('*', 'Source')] ?? row[name.replace('*', 'Master')]);
  const replica = (name: string): string | null =>
    text(row[name.replace('*', 'Replica')] ?? row[name.replace('*', 'Slave')]);
  const serverId = source('*_Server_Id');
  return {
    name: channelName(row),
    sourceHost: source('*_Host') ?? '',
    sourcePort: smallNumber(source('*_Port')) ?? 0,
    sourceIdentity: source('*_UUID') ?? (serverId === '0' ? null : serverId),
    receiver: threadState(replica('*_IO_Running')),
    applier: threadState(replica('*_SQL_Running')),
    receiverError: errorFrom(field('Last_IO_Errno'), field('Last_IO_Error')),
    applierError: errorFrom(field('Last_SQL_Errno'), field('Last_SQL_Error')),
    applierActivity: replica('*_SQL_Running_State'),
    intendedDelayMs: (wholeNumber(field('SQL_Delay')) ?? 0) * 1000,
    serverLagMs: seconds(source('Seconds_Behind_*')),
    usesGtid: field('Auto_Position') === '1' || !['No', null].includes(field('Using_Gtid')),
    parallelWorkers: null,
    ...(field('Parallel_Mode') !== null && { parallelMode: String(field('Parallel_Mode')) }),
    relayLogBytes: wholeNumber(field('Relay_Log_Space')),
    appliedFile: source('Relay_*_Log_File'),
    appliedOffset: wholeNumber(source('Exec_*_Log_Pos')),
    receivedFile: source('*_Log_File'),
    receivedOffset: wholeNumber(source('Read_*_Log_Pos')),
    receivedGtid: (field('Retrieved_Gtid_Set') ?? field('Gtid_IO_Pos'))?.replaceAll('\n', '') ?? null,
    filters: Object.keys(row).flatMap((name) => {
      const value = name.startsWith('Replicate_') ? field(name) : null;
      return value === null ? [] : { name, value };
    }),
  };
}

/**
 * The channel as it is told: an applier's error quotes the row that it failed at, values of masked columns and all, and
 * which they are its text does not say.
 */
export function tellable(channel: ChannelStatus, hidesValues: boolean): ChannelStatus {
  const fit = (error: ReplicationError | null, hides: boolean): ReplicationError | null =>
    error && {
      ...error,
      message: foreignText(hides ? withoutValues(error.message, error.code) : error.message),
    };
  const named = (name: string | null): string | null => name && foreignText(name);
  return {
    ...channel,
    name: foreignText(channel.name),
    sourceHost: foreignText(channel.sourceHost),
    sourceIdentity: named(channel.sourceIdentity),
    appliedFile: named(channel.appliedFile),
    receivedFile: named(channel.receivedFile),
    receiverError: fit(channel.receiverError, false),
    applierError: fit(channel.applierError, hidesValues),
    applierActivity: named(channel.applierActivity),
    filters: channel.filters.map(({ name, value }) => ({ name, value: foreignText(value, mostOfFilter) })),
  };
}

/** Null for NULL and for the empty string, which these statements use alike. */
function text(value: SqlValue | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}

function seconds(value: string | null): number | null {
  const number = wholeNumber(value);
  return number === null ? null : number * 1000;
}

function threadState(value: string | null): ThreadState {
  switch (value) {
    case 'Yes':
      return 'running';
    case 'No':
      return 'stopped';
    // MySQL ≥ 5.5 and MariaDB; `Preparing` is MariaDB's word for a thread that is starting.
    case 'Connecting':
    case 'Preparing':
      return 'connecting';
    default:
      return 'unknown';
  }
}

function errorFrom(code: string | null, message: string | null): ReplicationError | null {
  if (code === null || code === '0') return null;
  return { code: smallNumber(code) ?? 0, message: message ?? '', at: null };
}
