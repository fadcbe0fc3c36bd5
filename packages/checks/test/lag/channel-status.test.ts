import { expect, test } from 'vitest';
import { channelStatusFrom } from '../../src/lag/channel-status.ts';
import { withWorkers } from '../../src/lag/mysql-applier.ts';
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
