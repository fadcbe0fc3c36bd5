import { expect, test } from 'vitest';
import { channelStatusFrom, tellable } from '../../src/lag/channel-status.ts';
import { withConnectionStatus, withWorkers } from '../../src/lag/mysql-applier.ts';
import { mariadb1011, mysql57, mysql80, mysql97, workers } from './recorded/rows.ts';

test('MySQL 5.7 speaks of masters and slaves', () => {
  expect(channelStatusFrom(mysql57)).toEqual({
    name: '',
    sourceHost: '10.1.0.4',
    sourcePort: 3306,
    sourceIdentity: '8a94f357-aab4-11df-86ab-c80aa9429562',
    receiver: 'running',
    applier: 'stopped',
    receiverError: null,
    applierError: {
      code: 1062,
      message: "Could not execute Write_rows event on table shop.t; Duplicate entry '3' for key 'PRIMARY'",
      at: null,
    },
    applierActivity: null,
    intendedDelayMs: 0,
    serverLagMs: null,
    usesGtid: false,
    parallelWorkers: null,
    relayLogBytes: 1048576,
    appliedFile: 'mysql-bin.000411',
    appliedOffset: 5571,
    receivedFile: 'mysql-bin.000412',
    receivedOffset: 88231,
    receivedGtid: null,
    filters: [{ name: 'Replicate_Do_DB', value: 'shop,crm' }],
  });
});

test('MySQL 8 speaks of sources and replicas', () => {
  expect(channelStatusFrom(mysql80)).toMatchObject({
    name: 'east',
    sourceHost: 'db1.example',
    sourcePort: 3307,
    sourceIdentity: '3e11fa47-71ca-11e1-9e33-c80aa9429562',
    receiver: 'connecting',
    receiverError: { code: 2003 },
    intendedDelayMs: 3_600_000,
    serverLagMs: 0,
    usesGtid: true,
    receivedGtid: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-7',
    filters: [],
  });
});

test('a channel that never connected has no identity of its source and no place', () => {
  expect(channelStatusFrom(mysql97)).toMatchObject({
    sourceIdentity: null,
    receiver: 'stopped',
    serverLagMs: null,
    appliedFile: null,
    receivedGtid: null,
  });
});

test('MariaDB names connections, uses server ids and filters domains', () => {
  expect(channelStatusFrom(mariadb1011)).toMatchObject({
    name: 'west',
    sourceIdentity: '722345661',
    receiver: 'connecting',
    applier: 'running',
    serverLagMs: 12_000,
    usesGtid: true,
    receivedGtid: '0-722345661-1',
    filters: [{ name: 'Replicate_Ignore_Domain_Ids', value: '3,4' }],
  });
});

test('MariaDB’s Using_Gtid "No" is positioning by file', () => {
  expect(channelStatusFrom({ ...mariadb1011, Using_Gtid: 'No' }).usesGtid).toBe(false);
});

test('workers tell how many they are and which transaction takes long, by the server’s own clock', () => {
  expect(withWorkers(channelStatusFrom(mysql80), workers)).toMatchObject({
    parallelWorkers: 2,
    applierError: null,
    applierActivity: 'applying 3e11fa47-71ca-11e1-9e33-c80aa9429562:8 for 42 s',
  });
});

test('an applier without workers has none in parallel, though it is listed as one', () => {
  const [idle] = workers;
  const alone = withWorkers(channelStatusFrom(mysql80), [{ ...idle, WORKER_ID: '0' }]);
  expect(alone.parallelWorkers).toBe(0);
});

test('the worker that failed tells more than the coordinator', () => {
  const stopped = {
    ...channelStatusFrom({ ...mysql80, Channel_Name: 'other' }),
    applierError: {
      code: 1756,
      message: 'Coordinator stopped because there were error(s) in the worker(s).',
      at: null,
    },
  };
  expect(withWorkers(stopped, workers).applierError).toEqual({
    code: 1062,
    message: "Worker 1 failed executing transaction: Duplicate entry '3'",
    at: new Date('2026-01-02T14:02:11.123Z'),
  });
});

test('the receiver’s error is told with its time by its own channel’s row', () => {
  const error = { code: 2003, message: 'error connecting', at: null };
  const broken = { ...channelStatusFrom(mysql80), receiverError: error };
  const row = {
    CHANNEL_NAME: broken.name,
    LAST_ERROR_NUMBER: 2003,
    LAST_ERROR_MESSAGE: 'error connecting to source',
    LAST_ERROR_TIMESTAMP: '2026-01-02 14:02:11.123456',
  };
  const of = (...rows: (typeof row)[]) => withConnectionStatus(broken, rows).receiverError;
  const timed = {
    code: 2003,
    message: 'error connecting to source',
    at: new Date('2026-01-02T14:02:11.123Z'),
  };
  expect(of({ ...row, CHANNEL_NAME: 'elsewhere', LAST_ERROR_NUMBER: 1 }, row)).toEqual(timed);
  expect(of({ ...row, CHANNEL_NAME: 'elsewhere' })).toBe(error);
  expect(of({ ...row, LAST_ERROR_NUMBER: 0 })).toBe(error);
  expect(of({ ...row, LAST_ERROR_TIMESTAMP: '0000-00-00 00:00:00.000000' })?.at).toBeNull();
  expect(withConnectionStatus({ ...broken, receiverError: null }, [row]).receiverError).toBeNull();
});

test('of several transactions the one that takes longest is told, from a second on', () => {
  const at = (seconds: string, gtid: string) => ({
    CHANNEL_NAME: '',
    WORKER_ID: '1',
    LAST_ERROR_NUMBER: 0,
    APPLYING_TRANSACTION: gtid,
    APPLYING_TRANSACTION_START_APPLY_TIMESTAMP: `2026-01-02 14:00:${seconds}`,
    now: '2026-01-02 14:00:30.000000',
  });
  const told = (...rows: ReturnType<typeof at>[]) =>
    withWorkers({ ...channelStatusFrom(mysql80), name: '', applierActivity: 'waits' }, rows).applierActivity;
  const [ten, twenty] = [at('20.000000', 'u:10'), at('10.000000', 'u:20')];
  expect(told(ten, twenty)).toBe('applying u:20 for 20 s');
  expect(told(twenty, ten)).toBe('applying u:20 for 20 s');
  expect(told(at('29.000000', 'u:1'))).toBe('applying u:1 for 1 s');
  expect(told(at('29.001000', 'u:1'))).toBe('waits');
  expect(told(at('10.000000', ''))).toBe('waits');
});

test('an applier without an error is not given one of a worker’s', () => {
  const failed = { CHANNEL_NAME: '', WORKER_ID: '1', LAST_ERROR_NUMBER: 1062, LAST_ERROR_MESSAGE: 'x' };
  const fine = { ...channelStatusFrom(mysql80), name: '', applierError: null };
  expect(withWorkers(fine, [failed]).applierError).toBeNull();
  const error = { code: 1756, message: 'Coordinator stopped', at: null };
  const idle = { ...failed, LAST_ERROR_NUMBER: 0 };
  expect(withWorkers({ ...fine, applierError: error }, [idle]).applierError).toBe(error);
  expect(withWorkers({ ...fine, applierError: error }, [idle, failed]).applierError?.code).toBe(1062);
});

test('what a channel says is told within a line, and where values are masked without those of the applier’s error', () => {
  const error = (message: string) => ({ code: 1062, message, at: null });
  const said = {
    ...channelStatusFrom(mysql80),
    receiverError: error("Access denied\nfor user 'x'"),
    applierError: error("Duplicate entry 'secret' for key 'u'"),
    applierActivity: 'waits\nlong',
    filters: [{ name: 'Replicate_Do_DB', value: 'a\nb' }],
  };
  const fit = { applierActivity: 'waits long', filters: [{ name: 'Replicate_Do_DB', value: 'a b' }] };
  expect(tellable(said, false)).toEqual({
    ...said,
    ...fit,
    receiverError: error("Access denied for user 'x'"),
  });
  const hidden = tellable(said, true);
  expect(hidden.receiverError).toEqual(error("Access denied for user 'x'"));
  expect(hidden.applierError?.message).not.toContain('secret');
  expect(hidden.applierError).toMatchObject({ code: 1062, at: null });
  const silent = { ...said, receiverError: null, applierError: null, applierActivity: null };
  expect(tellable(silent, true)).toEqual({ ...silent, filters: fit.filters });
});

test('a thread in a state that nobody knows is unknown', () => {
  const odd = channelStatusFrom({
    ...mysql80,
    Replica_IO_Running: 'Perhaps',
    Replica_SQL_Running: 'Perhaps',
  });
  expect([odd.receiver, odd.applier]).toEqual(['unknown', 'unknown']);
});

test('what is no number is told as none, and no name is longer than a sentence', () => {
  const told = tellable(
    channelStatusFrom({
      ...mysql80,
      Source_Port: 'x',
      Last_IO_Errno: '99999999999',
      Last_IO_Error: 'odd',
      SQL_Delay: 'soon',
      Relay_Log_Space: '1.5',
      Exec_Source_Log_Pos: 'NaN',
      Read_Source_Log_Pos: '1e400',
      Source_Host: 'h'.repeat(100_000),
      Relay_Source_Log_File: 'f'.repeat(100_000),
    }),
    false,
  );
  expect(told).toMatchObject({
    sourcePort: 0,
    receiverError: { code: 0, message: 'odd' },
    intendedDelayMs: 0,
    relayLogBytes: null,
    appliedOffset: null,
    receivedOffset: null,
  });
  expect(Math.max(told.sourceHost.length, told.appliedFile?.length ?? 0)).toBeLessThan(1_100);
});
