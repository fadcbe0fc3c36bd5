import { expect, test } from 'vitest';
import { auroraFigure, auroraMembers, auroraUntold } from '../../src/lag/aurora.ts';
import { sameStorage, whyNoChannel, type WithoutChannel } from '../../src/lag/no-channel.ts';
import type { StatusReading } from '../../src/lag/replication-status-reader.ts';
import type { Server } from '../../src/server/server.ts';
import { type ServerFacts, ServerFault } from '../../src/server/sql-server.ts';
import { channel, facts } from '../support/replication.ts';

const server = (name: string, is: ServerFacts | null = facts('mysql', { serverId: name.slice(2) })) =>
  ({ name, facts: is }) as unknown as Server;
const reading = (but: Partial<StatusReading> = {}) =>
  ({ channels: [], fault: null, ...but }) as unknown as StatusReading;
const why = (but: Partial<WithoutChannel> = {}) =>
  whyNoChannel({
    source: server('db1'),
    target: server('db2'),
    channel: null,
    reading: reading(),
    nonsense: null,
    route: null,
    ambiguous: false,
    ...but,
  });
const route = (but: object) => ({ channel: null, ...but }) as unknown as WithoutChannel['route'];

test('what cannot be believed, or was not read yet, is said before anything that follows from it', () => {
  expect(why({ nonsense: 'no set of GTIDs', reading: null })).toEqual({
    reason: 'nonsense',
    evidence: 'no set of GTIDs',
  });
  expect(why({ reading: null })).toEqual({
    reason: 'unread',
    evidence: 'the replication status was not read yet',
  });
});

test('members of a cluster need no channel of their own, and it is said how they are compared', () => {
  const method = { kind: 'galera', evidence: 'by the cluster’s numbers' };
  expect(why({ route: route({ method, group: true }) })).toEqual({
    reason: 'group',
    evidence: 'both are members of one cluster; compared by the cluster’s numbers',
  });
  const untold = { kind: null, evidence: 'their groups cannot be told apart' };
  expect(why({ route: route({ method: untold, group: true }) }).evidence).toBe(
    'their groups cannot be told apart',
  );
  expect(why({ route: route({ method, throughCluster: true }) })).toEqual({
    reason: 'group',
    evidence:
      'gets it through its cluster, another member of which has the channel; compared by the cluster’s numbers',
  });
  expect(why({ route: route({ method }) }).reason).toBe('absent');
});

test('a status that may not be read is told apart from one that could not be read', () => {
  const refused = new ServerFault('privilege', 'db2', 'db2: denied');
  expect(why({ reading: reading({ channels: null, fault: refused }) })).toEqual({
    reason: 'unread',
    evidence: `threads and filters of db2: not visible with this account: ${refused.message}`,
  });
  const late = new ServerFault('timeout', 'db2', 'db2: too late');
  expect(why({ reading: reading({ channels: null, fault: late }) }).evidence).toBe(
    `the replication status could not be read: ${late.message}`,
  );
});

test('several channels that may be the pair’s are named, and why it is not known which is', () => {
  const channels = [channel({ name: 'x', sourceIdentity: '7' }), channel({ name: 'y', sourceIdentity: '8' })];
  const ambiguous = { ambiguous: true, reading: reading({ channels }) };
  expect(why(ambiguous)).toEqual({
    reason: 'ambiguous',
    evidence:
      'db2 has the channels "x", "y", none of which reads from db1: name the pair\'s channel in the configuration',
  });
  expect(why({ ...ambiguous, source: server('db7') }).evidence).toMatch(/none of which reads from db7/);
  expect(why({ ...ambiguous, source: server('db1', null) }).evidence).toMatch(/none of which reads from db1/);
  const twins = [channel({ name: 'x', sourceIdentity: '1' }), channel({ name: 'y', sourceIdentity: '1' })];
  expect(why({ ambiguous: true, reading: reading({ channels: twins }) }).evidence).toBe(
    'db2 has the channels "x", "y"; 2 of them read from servers with the server_id 1 of db1, at addresses that do not tell which is its own: name the pair\'s channel in the configuration',
  );
});

test('a channel that is configured and not there is named, with those that are', () => {
  expect(why({ channel: 'z', reading: reading({ channels: [channel({ name: 'x' })] }) })).toEqual({
    reason: 'absent',
    evidence: 'db2 has no channel "z", only "x"',
  });
});

test('a target without any channel is no replica, or it is said what it is instead', () => {
  expect(why()).toEqual({ reason: 'absent', evidence: 'db2 is not a replica' });
  expect(why({ target: server('db2', null) }).evidence).toBe('db2 is not a replica');
  const member = facts('mariadb', { cluster: 'galera' });
  expect(why({ target: server('db2', member) }).evidence).toBe(
    'db2 is a member of a cluster, has no channel of its own, and nothing of db1',
  );
});

const aurora = (name: string, reader: boolean, uuid = 'u1') =>
  server(
    name,
    facts('mysql', {
      uuid,
      instance: { aurora_server_id: name },
      aurora: { reader } as NonNullable<ServerFacts['aurora']>,
    }),
  );
const members = auroraMembers([
  { instance: 'db1', lagMs: null, told: 'noon' },
  { instance: 'db2', lagMs: '12.5', told: 'noon' },
]);

test('an Aurora reader is no copy: it reads the storage of its writer, and its own figure is told', () => {
  const told = reading({ aurora: members });
  expect(why({ source: aurora('db1', false), target: aurora('db2', true), reading: told }).evidence).toBe(
    "db2 is not a replica: db1 and db2 are of one Aurora cluster and read the same storage, which is no copy; Aurora's own figure of its lag is 13 ms, of noon",
  );
  expect(why({ target: aurora('db2', true), reading: reading() }).evidence).toBe(
    "db2 is not a replica: it is an Aurora reader, which reads the storage of its cluster's writer and is no copy of it",
  );
  expect(why({ target: aurora('db2', false), reading: told }).evidence).toBe('db2 is not a replica');
  expect(why({ source: aurora('db1', true), target: aurora('db2', false), reading: told }).evidence).toBe(
    'db2 is not a replica: db1 and db2 are of one Aurora cluster and read the same storage, which is no copy',
  );
});

test('servers read the same storage where they have one uuid, or are both listed as members of the cluster', () => {
  const [writer, reader] = [aurora('db1', false), aurora('db2', true)];
  expect(sameStorage(writer, reader, [])).toMatch(/read the same storage/);
  const other = aurora('db2', true, 'u2');
  expect(sameStorage(writer, other, members)).toMatch(/read the same storage/);
  expect(sameStorage(writer, other, [])).toBeNull();
  expect(sameStorage(writer, other, members.slice(0, 1))).toBeNull();
  expect(sameStorage(writer, other, members.slice(1))).toBeNull();
  expect(sameStorage(server('db1'), other, members)).toBeNull();
  expect(sameStorage(writer, server('db2'), members)).toBeNull();
  expect(sameStorage(server('db1', null), server('db2', null), members)).toBeNull();
});

test('what Aurora says of a member’s lag is told where it is a number', () => {
  expect(members.map(({ lagMs }) => lagMs)).toEqual([null, 12.5]);
  expect(auroraMembers([{ instance: 'x', lagMs: 'soon', told: 'noon' }])[0]?.lagMs).toBeNull();
  expect(auroraFigure(members, 'db1')).toBe('');
  expect(auroraFigure(members, undefined)).toBe('');
  expect(auroraFigure([], 'db2')).toBe('');
});

test('a cluster that may not be asked, or is none, costs nothing; what else fails is told', () => {
  const fault = (kind: 'privilege' | 'statement' | 'timeout', errno: number) =>
    Object.assign(new ServerFault(kind, 'db2', 'no'), { errno });
  expect(auroraUntold(fault('privilege', 1142))).toEqual([]);
  expect(auroraUntold(fault('statement', 1109))).toEqual([]);
  expect(auroraUntold(fault('statement', 1146))).toEqual([]);
  expect(() => auroraUntold(fault('timeout', 0))).toThrow('no');
  expect(() => auroraUntold(new Error('mine'))).toThrow('mine');
});

test('while both names lead to one server that is said, and once they lead to two, that it is not known yet', () => {
  const one = route({ one: true, method: { kind: null, evidence: '' } });
  const same = facts('mysql', { instance: { server_uuid: 'u1' }, identity: 'u1' });
  const [source, target] = [server('db1', same), server('db2', same)];
  expect(why({ source, target, route: one })).toEqual({
    reason: 'unread',
    evidence: 'both names lead to one server: db1 and db2 are u1',
  });
  const other = server('db2', { ...same, instance: { server_uuid: 'u2' } });
  expect(why({ source, target: other, route: one })).toEqual({
    reason: 'unread',
    evidence: 'what lies between them was not found out yet',
  });
});

test('a member without a channel may be of the cluster of a source that was not reached', () => {
  const gone = { name: 'db1', facts: null, evidence: 'connection refused' } as unknown as Server;
  const member = server('db2', facts('mysql', { cluster: 'group-replication' }));
  expect(why({ source: gone, target: member })).toEqual({
    reason: 'unread',
    evidence: 'db1: connection refused',
  });
  expect(why({ source: gone })).toMatchObject({ reason: 'absent', evidence: 'db2 is not a replica' });
  const others = reading({ channels: [channel({ name: 'x' })] });
  expect(why({ source: gone, target: member, channel: 'y', reading: others })).toMatchObject({
    reason: 'absent',
  });
});
