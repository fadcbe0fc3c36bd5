import { expect, test } from 'vitest';
import { readMembership } from '../../src/position/membership.ts';
import type { Position, PositionKind } from '../../src/position/position.ts';
import { readAppliedPosition, readSourcePosition } from '../../src/position/read-position.ts';
import { unloggedBy } from '../../src/position/unlogged-by.ts';
import {
  isReplica,
  readBinlogEnd,
  readCommitsInFlight,
  readShownPlace,
  readWaitingCommits,
} from '../../src/position/visible.ts';
import { type ServerFacts, ServerFault } from '../../src/server/sql-server.ts';
import { facts } from '../support/replication.ts';
import {
  answering,
  type Answers,
  binlogEnd,
  gtids,
  place,
  shownUpTo,
} from '../support/servers-that-answer.ts';

// What servers say is shown by real ones, in positions-on-servers; here it is what is made of it.

const [mysql, mariadb] = [facts('mysql'), facts('mariadb')];
const says = (facts: ServerFacts | null, answers: Answers) => answering('db1', facts, answers).server;
const refused = (kind: 'privilege' | 'connection' = 'privilege') => ({
  SHOW: () => new ServerFault(kind, 'db1', 'denied'),
});
const node = facts('mariadb', { cluster: 'galera' });
const inCluster: Answers = {
  wsrep_last_committed: [
    ['cluster_state_uuid', 'g'],
    ['last_committed', '7'],
    ['cluster_status', 'Primary'],
    ['local_state', '4'],
    ['ready', 'ON'],
  ].map(([name = '', value = '']) => ({ Variable_name: `wsrep_${name}`, Value: value })),
};

test('a node of a cluster is as far as its cluster’s number, as a source and as a target', async () => {
  const seven: Position = { kind: 'galera', text: 'g:7', group: 'g', seqno: 7n };
  expect(await readSourcePosition(says(node, inCluster), 'galera')).toEqual(seven);
  expect(await readAppliedPosition(says(node, inCluster), 'galera')).toEqual(seven);
});

test.each<PositionKind>(['galera', 'file', 'mysql-gtid'])(
  'a server that says nothing of its %s is nowhere',
  async (kind) => {
    const server = says(mysql, { SHOW: [], 'SELECT @@global': [] });
    expect(await readSourcePosition(server, kind)).toBeNull();
    expect(await readAppliedPosition(server, kind)).toBeNull();
  },
);

test('a source is at the end of its binlog, a target where the channel that is asked about is', async () => {
  const row = (name: string, offset: number) => ({
    Channel_Name: name,
    Relay_Source_Log_File: 'b.000001',
    Exec_Source_Log_Pos: offset,
  });
  const server = says(mysql, {
    'SHOW BINARY LOG STATUS': binlogEnd(99),
    'SHOW REPLICA STATUS': [row('x', 4), row('', 8), row('y', 12)],
    'SHOW MASTER STATUS': binlogEnd(99),
  });
  expect(await readSourcePosition(server, 'file')).toEqual(place(99));
  expect(await readAppliedPosition(server, 'file')).toEqual(place(8));
  expect(await readAppliedPosition(server, 'file', 'y')).toEqual(place(12));
  expect(await readAppliedPosition(server, 'file', 'z')).toBeNull();
});

test('by GTID a source has what it wrote and applied, a target what it applied', async () => {
  const server = says(mariadb, { gtid_binlog_pos: gtids('0-9-5', '1-1-3') });
  expect(await readSourcePosition(server, 'mariadb-gtid')).toMatchObject({ text: '0-9-5,1-1-3' });
  expect(await readAppliedPosition(server, 'mariadb-gtid')).toMatchObject({ text: '1-1-3', own: '0-9-5' });
});

test('of a server that was never reached no position is made up', async () => {
  const never = says(null, {});
  const fault = { kind: 'connection', message: 'db1 was never connected' };
  await expect(readSourcePosition(never, 'file')).rejects.toMatchObject(fault);
  await expect(readAppliedPosition(never, 'galera')).rejects.toMatchObject(fault);
  expect(await readBinlogEnd(never)).toBeNull();
  expect(await unloggedBy(never, 'd')).toBeNull();
  expect(await readMembership(never)).toBeNull();
});

test('what is shown of a binlog is told by two values, and by none where there is no binlog', async () => {
  expect(await readShownPlace(says(mariadb, { binlog_snapshot: shownUpTo(17) }))).toEqual(place(17));
  expect(await readShownPlace(says(mariadb, { binlog_snapshot: [] }))).toBeNull();
});

test('the end of a binlog is unknown where there is none, or where nobody may ask; else a fault is one', async () => {
  expect(await readBinlogEnd(says(mariadb, { 'SHOW MASTER STATUS': binlogEnd(17) }))).toEqual(place(17));
  expect(await readBinlogEnd(says(mariadb, { 'SHOW MASTER STATUS': [] }))).toBeNull();
  expect(await readBinlogEnd(says(mariadb, refused()))).toBeNull();
  await expect(readBinlogEnd(says(mariadb, refused('connection')))).rejects.toThrow('denied');
});

test('commits in flight are told by their numbers, waiting ones are counted over all plugins', async () => {
  expect(await readCommitsInFlight(says(mysql, { gtid_owned: [{ owned: 'u:7#12:8#15' }] }))).toBe('u:7:8');
  const waiting = [{ Value: '2' }, { Value: '3' }];
  expect(await readWaitingCommits(says(mysql, { semi: waiting }))).toBe(5);
  expect(await readWaitingCommits(says(mysql, { semi: [] }))).toBe(0);
});

test('a replica is who has a channel, who is in a cluster, and who does not tell', async () => {
  expect(await isReplica(says(mariadb, { 'ALL SLAVES': [{ Connection_name: '' }] }))).toBe(true);
  expect(await isReplica(says(mariadb, { 'ALL SLAVES': [] }))).toBe(false);
  expect(await isReplica(says(node, {}))).toBe(true);
  expect(await isReplica(says(null, {}))).toBe(true);
  expect(await isReplica(says(mariadb, refused()))).toBe(true);
  await expect(isReplica(says(mariadb, refused('connection')))).rejects.toThrow('denied');
});

test('a schema is kept out of a binlog by a list that names it, or by one that names others alone', async () => {
  const unlogged = (
    row: { Binlog_Do_DB?: string; Binlog_Ignore_DB?: string },
    schema: string,
    folds = false,
  ) => unloggedBy(says(facts('mysql', { foldsNames: folds }), { SHOW: [row] }), schema);
  const ignores = { Binlog_Do_DB: '', Binlog_Ignore_DB: 'Scratch, tmp' };
  expect(await unlogged(ignores, 'tmp')).toBe('binlog_ignore_db=Scratch, tmp of db1');
  expect(await unlogged(ignores, 'shop')).toBeNull();
  expect(await unlogged(ignores, 'scratch')).toBeNull();
  expect(await unlogged(ignores, 'scratch', true)).toBe('binlog_ignore_db=Scratch, tmp of db1');
  const wants = { Binlog_Do_DB: 'shop,Crm' };
  expect(await unlogged(wants, 'Crm')).toBeNull();
  expect(await unlogged(wants, 'crm')).toBe('binlog_do_db=shop,Crm of db1');
  expect(await unlogged(wants, 'CRM', true)).toBeNull();
  // Where both are set the one that names what is wanted counts.
  expect(await unlogged({ Binlog_Do_DB: 'shop', Binlog_Ignore_DB: 'shop' }, 'shop')).toBeNull();
});

test('without a binlog, or the right to ask for it, no filter is known; any other fault is one', async () => {
  expect(await unloggedBy(says(mysql, { SHOW: [] }), 'd')).toBeNull();
  expect(await unloggedBy(says(mysql, refused()), 'd')).toBeNull();
  await expect(unloggedBy(says(mysql, refused('connection')), 'd')).rejects.toThrow('denied');
  await expect(unloggedBy(says(mysql, { SHOW: () => new Error('odd') }), 'd')).rejects.toThrow('odd');
});
