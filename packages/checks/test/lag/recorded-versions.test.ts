import { describe, expect, test } from 'vitest';
import { channelStatusFrom } from '../../src/lag/channel-status.ts';
import { withWorkers } from '../../src/lag/mysql-applier.ts';
import type { ChannelStatus } from '../../src/model/replication.ts';
import { appliedPlace } from '../../src/position/file-row.ts';
import type { SqlRow } from '../../src/server/sql-server.ts';
import { recordedRows } from './recorded/vertical.ts';

/** What servers that cannot be run here have printed, found in public places; hosts and tables are other ones. */
const [row57] = recordedRows('mysql-5.7-row-not-found.txt');
const [row80] = recordedRows('mysql-8.0.35-worker-failed.txt');
const [row84] = recordedRows('mysql-8.4-running.txt');
const [row105] = recordedRows('mariadb-10.5-by-file.txt');
const [row11] = recordedRows('mariadb-11-behind.txt');

const recorded: [string, SqlRow | undefined, ChannelStatus][] = [
  [
    'MySQL 5.7',
    row57,
    {
      name: '',
      sourceHost: '192.168.199.8',
      sourcePort: 3306,
      sourceIdentity: 'fc0a75d7-6f3a-11ea-9e30-f04da2736308',
      receiver: 'running',
      applier: 'stopped',
      receiverError: null,
      applierError: {
        code: 1032,
        message: expect.stringContaining("Can't find record in 'flows', Error_code: 1032") as string,
        at: null,
      },
      applierActivity: null,
      intendedDelayMs: 0,
      serverLagMs: null,
      usesGtid: false,
      parallelWorkers: null,
      relayLogBytes: 6_350_650,
      appliedFile: 'mysql-bin.000059',
      appliedOffset: 545_830,
      receivedFile: 'mysql-bin.000060',
      receivedOffset: 452_258,
      receivedGtid: null,
      filters: [],
    },
  ],
  [
    'MySQL 8.0',
    row80,
    {
      name: '',
      sourceHost: '172.18.13.112',
      sourcePort: 3306,
      sourceIdentity: 'b526a489-7796-11ee-b698-fefcfec91d86',
      receiver: 'running',
      applier: 'stopped',
      receiverError: null,
      applierError: {
        code: 1396,
        message: expect.stringMatching(/^Coordinator stopped because there were error\(s\)/) as string,
        at: null,
      },
      applierActivity: null,
      intendedDelayMs: 0,
      serverLagMs: null,
      usesGtid: true,
      parallelWorkers: null,
      relayLogBytes: 685_555_993,
      appliedFile: 'mysql-bin.000002',
      appliedOffset: 157,
      receivedFile: 'mysql-bin.000006',
      receivedOffset: 712,
      receivedGtid: 'b526a489-7796-11ee-b698-fefcfec91d86:1-4122',
      filters: [],
    },
  ],
  [
    'MySQL 8.4',
    row84,
    {
      name: '',
      sourceHost: '127.0.0.1',
      sourcePort: 13_000,
      sourceIdentity: '73f86016-978b-11ee-ade5-8d2a2a562feb',
      receiver: 'running',
      applier: 'running',
      receiverError: null,
      applierError: null,
      applierActivity: 'Replica has read all relay log; waiting for more updates',
      intendedDelayMs: 0,
      serverLagMs: 0,
      usesGtid: false,
      parallelWorkers: null,
      relayLogBytes: 1355,
      appliedFile: 'master-bin.000001',
      appliedOffset: 927,
      receivedFile: 'master-bin.000001',
      receivedOffset: 927,
      receivedGtid: null,
      filters: [],
    },
  ],
  [
    'MariaDB 10.5',
    row105,
    {
      name: '',
      sourceHost: 'mariadb01',
      sourcePort: 3306,
      sourceIdentity: '1',
      receiver: 'running',
      applier: 'running',
      receiverError: null,
      applierError: null,
      applierActivity: 'Slave has read all relay log; waiting for the slave I/O thread to update it',
      intendedDelayMs: 0,
      serverLagMs: 0,
      usesGtid: false,
      parallelWorkers: null,
      parallelMode: 'conservative',
      relayLogBytes: 942,
      appliedFile: 'master1-bin.000001',
      appliedOffset: 330,
      receivedFile: 'master1-bin.000001',
      receivedOffset: 330,
      receivedGtid: null,
      filters: [],
    },
  ],
  [
    'MariaDB 11',
    row11,
    {
      name: '',
      sourceHost: 'db01.example.com',
      sourcePort: 3306,
      sourceIdentity: '1',
      receiver: 'running',
      applier: 'running',
      receiverError: null,
      applierError: null,
      applierActivity: 'Updating',
      intendedDelayMs: 0,
      serverLagMs: 6000,
      usesGtid: true,
      parallelWorkers: null,
      parallelMode: 'optimistic',
      relayLogBytes: 17_972,
      appliedFile: 'mariadb-bin.000021',
      appliedOffset: 17_146,
      receivedFile: 'mariadb-bin.000021',
      receivedOffset: 17_315,
      receivedGtid: '0-1-2042',
      filters: [],
    },
  ],
];

describe.each(recorded)('%s', (_, row = {}, status) => {
  test('says all of this about its channel', () => {
    expect(channelStatusFrom(row)).toEqual(status);
  });

  test('says how far it has come in the source’s binlog', () => {
    expect(appliedPlace(row)).toMatchObject({ file: status.appliedFile, offset: status.appliedOffset });
  });
});

test('the worker of MySQL 5.7 that failed tells which transaction, and when', () => {
  const broken = channelStatusFrom({ ...row57, Last_SQL_Errno: 1146, Last_SQL_Error: 'Coordinator stopped' });
  expect(withWorkers(broken, recordedRows('mysql-5.7-workers.txt'))).toMatchObject({
    parallelWorkers: 1,
    applierError: {
      code: 1146,
      message: expect.stringContaining("Table 'test01.table01' doesn't exist") as string,
      at: new Date('2021-11-22T16:27:10Z'),
    },
    applierActivity: null,
  });
});

test('of MySQL 8’s workers the one at work for hours is told, not those that are idle', () => {
  const running = channelStatusFrom({ ...row84, Channel_Name: '' });
  expect(withWorkers(running, recordedRows('mysql-8-workers.txt'))).toMatchObject({
    parallelWorkers: 4,
    applierError: null,
    applierActivity: 'applying 5afdc24b-bf77-11f0-b5d9-42010a6e5ec9:303264302 for 3 h',
  });
});
