import type { ChannelStatus, ReplicationError } from '../model/replication.ts';
import type { SqlRow } from '../server/sql-server.ts';
import { formatDuration } from '../time/duration.ts';
import { smallNumber } from './whole-number.ts';

/** What only `performance_schema` tells on MySQL; `*` because its columns differ from version to version. */
export const connectionTable = 'performance_schema.replication_connection_status';
export const connectionStatement = `SELECT * FROM ${connectionTable}`;
export const workersTable = 'performance_schema.replication_applier_status_by_worker';
export const workersStatement = `SELECT *, NOW(6) AS now FROM ${workersTable}`;

/** The receiver's error with its time. */
export function withConnectionStatus(channel: ChannelStatus, rows: SqlRow[]): ChannelStatus {
  const row = rows.find((row) => row['CHANNEL_NAME'] === channel.name);
  return row ? { ...channel, receiverError: timed(channel.receiverError, row) } : channel;
}

/**
 * How many workers there are, the error of the worker that failed (the coordinator only says that one did), and the
 * transaction that has been worked on the longest: a coordinator looks idle while its workers wait for a lock.
 */
export function withWorkers(channel: ChannelStatus, rows: SqlRow[]): ChannelStatus {
  const workers = rows.filter((row) => row['CHANNEL_NAME'] === channel.name);
  const failed = workers.find((row) => Number(row['LAST_ERROR_NUMBER']) !== 0);
  return {
    ...channel,
    parallelWorkers: inParallel(workers),
    applierError: channel.applierError && failed ? timed(channel.applierError, failed) : channel.applierError,
    applierActivity: longestTransaction(workers) ?? channel.applierActivity,
  };
}

/** One that applies alone, without a coordinator, is listed as number 0. */
function inParallel(workers: SqlRow[]): number {
  return workers.filter((row) => String(row['WORKER_ID']) !== '0').length;
}

function timed(error: ReplicationError | null, row: SqlRow): ReplicationError | null {
  const code = smallNumber(String(row['LAST_ERROR_NUMBER'])) ?? 0;
  if (!error || code === 0) return error;
  return { code, message: String(row['LAST_ERROR_MESSAGE']), at: utc(row['LAST_ERROR_TIMESTAMP']) };
}

/** Absent before MySQL 8. Idle workers have no transaction; younger than a second is no news. */
function longestTransaction(workers: SqlRow[]): string | null {
  const applying = workers
    .map((row) => ({
      gtid: String(row['APPLYING_TRANSACTION'] ?? ''),
      ms: elapsed(row['APPLYING_TRANSACTION_START_APPLY_TIMESTAMP'], row['now']),
    }))
    .filter(({ gtid, ms }) => gtid !== '' && ms >= 1000)
    .sort((a, b) => b.ms - a.ms);
  const [longest] = applying;
  return longest ? `applying ${longest.gtid} for ${formatDuration(longest.ms)}` : null;
}

/** Both by the server's own clock, so that a wrong clock does not matter. */
function elapsed(from: unknown, now: unknown): number {
  const [start, end] = [utc(from), utc(now)];
  return start && end ? end.getTime() - start.getTime() : 0;
}

/** Sessions run in UTC. The zero date stands for never. */
function utc(value: unknown): Date | null {
  if (typeof value !== 'string' || value.startsWith('0000')) return null;
  const date = new Date(`${value.replace(' ', 'T')}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}
