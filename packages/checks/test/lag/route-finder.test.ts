import { expect, test } from 'vitest';
import { RouteFinder } from '../../src/lag/route-finder.ts';
import type { MemberStateName } from '../../src/model/group.ts';
import type { ChannelStatus } from '../../src/model/replication.ts';
import type { SourceOfPair } from '../../src/position/own-channel.ts';
import type { Position } from '../../src/position/position.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { channel, facts } from '../support/replication.ts';

const mariadb = (serverId: string, but: Partial<ServerFacts> = {}) =>
  facts('mariadb', { serverId, identity: serverId, instance: { server_uid: serverId }, ...but });
const mysql = (uuid: string, but: Partial<ServerFacts> = {}) =>
  facts('mysql', { uuid, identity: uuid, instance: { server_uuid: uuid }, ...but });
const fromSource = channel({ name: 'own', sourceIdentity: '1' });
const at = new Date('2026-01-02T03:04:05Z');

interface Judged {
  state?: MemberStateName;
  membership?: object | null;
  apart?: string | null;
}

/** A source at 10.0.0.1 and a target, and what else is known. */
function pair(
  of: {
    source?: ServerFacts | null;
    target?: ServerFacts | null;
    configured?: string;
    others?: SourceOfPair[];
    /** Of the target's cluster; all of them have a channel. */
    peers?: string[];
    /** The target's, where its cluster is another one. */
    targets?: object;
  } & Judged = {},
) {
  const { source: s = mariadb('1'), target: t = mariadb('2'), others = [] } = of;
  const server = (name: string, facts: ServerFacts | null, host: string) => ({
    name,
    facts,
    state: { host, port: 3306 },
    connected: true,
    evidence: 'connection refused',
  });
  const [source, target] = [server('db1', s, '10.0.0.1'), server('db2', t, '10.0.0.2')];
  const sampler = () => ({ latest: null as object | null, binlogFor: new Set(), placesFor: new Set() });
  const [sourceSampler, targetSampler] = [sampler(), sampler()];
  const judged: Judged = { state: 'in-group', membership: null, apart: null, ...of };
  const members = {
    judge: () => (judged.membership ? { state: judged.state, evidence: 'it is cut off' } : null),
    membership: (name: string) => (name === 'db2' && of.targets) || judged.membership,
    peers: () => of.peers ?? [],
    apart: () => judged.apart,
  };
  const finder = new RouteFinder({
    pair: { name: 'p', source: 'db1', target: 'db2', channel: of.configured ?? null },
    source,
    target,
    sourceSampler,
    targetSampler,
    groups: { members },
    others: () => others,
    replicates: () => true,
  } as unknown as ConstructorParameters<typeof RouteFinder>[0]);
  const seen = (written: Position, applied: Position) => {
    sourceSampler.latest = { gtid: { source: written } };
    targetSampler.latest = { gtid: { source: applied, applied } };
  };
  const find = (...channels: ChannelStatus[]) => {
    finder.find(channels, at);
    return finder.route;
  };
  return { finder, find, seen, source, target, sourceSampler, targetSampler, judged };
}

const list = (text: string): Position => ({ kind: 'mariadb-gtid', text });
const set = (text: string): Position => ({ kind: 'mysql-gtid', text });

test('a channel that reads from the source is the way, and it is asked for no place that nobody needs', () => {
  const { find, finder, sourceSampler, targetSampler } = pair();
  expect(find(fromSource)).toMatchObject({
    channel: fromSource,
    direct: true,
    method: { kind: 'mariadb-gtid' },
  });
  expect(finder.own).toMatchObject({ direct: true, ambiguous: false });
  expect([sourceSampler.binlogFor.size, targetSampler.placesFor.size]).toEqual([0, 0]);
});

test('by file both servers are asked for their places, until the pair is watched no longer', () => {
  const { find, finder, sourceSampler, targetSampler } = pair();
  expect(find({ ...fromSource, usesGtid: false })).toMatchObject({ method: { kind: 'file' } });
  expect([sourceSampler.binlogFor.size, targetSampler.placesFor.size]).toEqual([1, 1]);
  finder.stop();
  expect([sourceSampler.binlogFor.size, targetSampler.placesFor.size]).toEqual([0, 0]);
});

test('while a server was not reached it is said why', () => {
  const { find } = pair({ source: null });
  const method = { kind: null, evidence: 'db1: connection refused' };
  expect(find(channel({ sourceHost: 'elsewhere' }))).toMatchObject({ method });
  expect(pair({ target: null }).find(fromSource)).toMatchObject({ method });
});

test('of several channels, none of which reads from the source, it is said that one is to be named', () => {
  const [x, y] = ['x', 'y'].map((name) => channel({ name, sourceHost: name, sourceIdentity: '7' }));
  const route = pair().find(x!, y!);
  expect(route).toMatchObject({ channel: null, method: { kind: null } });
  expect(route?.method.evidence).toContain("name the pair's channel in the configuration");
});

test('a channel that once read from the source and reads from another is told since when it does', () => {
  const { find, finder, source } = pair();
  const elsewhere = { ...fromSource, sourceHost: '10.0.0.9', sourceIdentity: '9' };
  find(elsewhere);
  expect(finder.repointed).toBeNull();
  find(fromSource);
  find({ ...elsewhere, receiver: 'connecting' });
  expect(finder.repointed).toBeNull();
  source.connected = false;
  find(elsewhere);
  expect(finder.repointed).toBeNull();
  source.connected = true;
  find(elsewhere);
  expect(finder.repointed).toBe(at);
  finder.find([elsewhere], new Date());
  expect(finder.repointed).toBe(at);
  find(fromSource);
  expect(finder.repointed).toBeNull();
  find();
  expect(finder.repointed).toBeNull();
});

test('a channel that moved to another member of the source’s group has not gone elsewhere', () => {
  const other = { facts: mysql('u3'), host: '10.0.0.3', port: 3306, group: 'g' };
  const { find, finder, sourceSampler } = pair({ source: mysql('u1'), target: mysql('u2'), others: [other] });
  const moved = channel({ sourceHost: '10.0.0.3', sourceIdentity: 'u3' });
  const latest = (membership: object | null) => (sourceSampler.latest = { gtid: {}, membership });
  find(channel({ sourceIdentity: 'u1' }));
  latest({ kind: 'group-replication', group: 'g' });
  find(moved);
  expect([finder.movedWithinGroup, finder.repointed]).toEqual([true, null]);
  for (const another of [null, { kind: 'galera', group: 'g' }, { kind: 'group-replication', group: 'h' }]) {
    latest(another);
    find(moved);
    expect([finder.movedWithinGroup, finder.repointed]).toEqual([false, at]);
  }
  latest({ kind: 'group-replication', group: 'g' });
  find({ ...moved, sourceIdentity: 'u4' });
  expect(finder.movedWithinGroup).toBe(false);
});

test('nobody’s group is not that of servers that are in none', () => {
  const other = { facts: mysql('u3'), host: '10.0.0.3', port: 3306, group: '' };
  const { find, finder, sourceSampler } = pair({ source: mysql('u1'), target: mysql('u2'), others: [other] });
  sourceSampler.latest = { gtid: {}, membership: { kind: 'group-replication', group: '' } };
  find(channel({ sourceHost: '10.0.0.3', sourceIdentity: 'u3' }));
  expect(finder.movedWithinGroup).toBe(false);
});

test('where the status may not be read GTIDs tell alone, once both sides said where they are', () => {
  const { finder, seen } = pair();
  finder.findBlind();
  expect(finder.route).toBeNull();
  seen(list('0-1-9'), list('0-1-5'));
  finder.findBlind();
  expect(finder.route).toMatchObject({ blind: true, channel: null, direct: false, alone: null });
  expect(finder.route?.method).toMatchObject({ kind: 'mariadb-gtid' });
  expect(finder.route?.method.evidence).toBe(
    'threads and filters of db2: not visible with this account; GTIDs by domain, without the replication status',
  );
});

test('a server of the same server_id makes GTIDs alone tell nothing, on MariaDB', () => {
  const twin = (facts: ServerFacts | null): SourceOfPair => ({ facts, host: 'h', port: 1 });
  const blind = (others: SourceOfPair[]) => {
    const { finder, seen } = pair({ others });
    seen(list('0-1-9'), list('0-1-5'));
    finder.findBlind();
    return finder.route?.method.kind;
  };
  expect(blind([twin(mariadb('1'))])).toBeNull();
  expect(blind([twin(mariadb('3')), twin(null), twin(mysql('u', { serverId: '1' }))])).toBe('mariadb-gtid');
});

test('another server of the source’s uuid makes numbers tell nothing but by a channel from its own address', () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
  const [source, target] = [mysql(uuid), mysql('u2')];
  const on = (hostname: string, but: Partial<ServerFacts> = {}) =>
    mysql(uuid, { instance: { server_uuid: uuid, hostname }, ...but });
  const twin = (facts: ServerFacts) => ({ facts, host: '10.0.0.3', port: 3306 });
  const aurora = { version: '3', reader: true };
  const kinds = (source: ServerFacts, other: ServerFacts) =>
    ['10.0.0.1', '10.0.0.3', '10.0.0.9'].map(
      (sourceHost) =>
        pair({ source, target, others: [twin(other)] }).find(channel({ sourceHost, sourceIdentity: uuid }))
          ?.method.kind,
    );
  const all = ['mysql-gtid', 'mysql-gtid', 'mysql-gtid'];
  expect(kinds(on('a'), on('b'))).toEqual(['mysql-gtid', null, null]);
  expect(kinds(on('a'), on('a'))).toEqual(all);
  expect(kinds(on('a', { aurora }), on('b', { aurora }))).toEqual(all);
  expect(kinds(source, mysql('u3'))).toEqual(all);
  const blind = (other: ServerFacts) => {
    const { finder, seen } = pair({ source: on('a'), target, others: [twin(other)] });
    seen(set(`${uuid}:1-9`), set(`${uuid}:1-5`));
    finder.findBlind();
    return finder.route?.method;
  };
  expect(blind(on('a'))?.kind).toBe('mysql-gtid');
  expect(blind(on('b'))?.evidence).toContain(`other servers have the server_uuid ${uuid}, too`);
});

test('what was read of the status once tells more than none, and is kept when it may not be read any more', () => {
  const { finder, find, seen } = pair();
  seen(list('0-1-9'), list('0-1-5'));
  finder.findBlind();
  const route = find(fromSource);
  finder.findBlind();
  expect(finder.route).toBe(route);
});

test('the domain of what a node writes for itself comes by no other way than from itself', () => {
  const node = mariadb('1', { cluster: 'galera', wsrepGtid: { cluster: '7', alone: '12' } });
  const { find, finder, seen } = pair({ source: node });
  expect(find(fromSource)).toMatchObject({ alone: null, direct: true });
  expect(find({ ...fromSource, sourceHost: '10.0.0.9' })).toMatchObject({ alone: '12', direct: false });
  finder.reset();
  expect([finder.route, finder.own]).toEqual([null, null]);
  seen(list('7-1-9'), list('7-1-5'));
  finder.findBlind();
  expect(finder.route).toMatchObject({ blind: true, alone: '12' });
});

test('two names that lead to one server are no pair, until they lead to two again', () => {
  const { finder, find, source, target } = pair();
  find(fromSource);
  const was = target.facts;
  target.facts = source.facts;
  finder.notice([fromSource]);
  expect(finder.route).toMatchObject({ one: true, channel: null, method: { kind: null } });
  expect(finder.route?.method.evidence).toContain('both names lead to one server');
  target.facts = was;
  finder.notice([fromSource]);
  expect(finder.route).toMatchObject({ channel: fromSource, method: { kind: 'mariadb-gtid' } });
});

test('a domain into which several channels write tells nothing by GTID; of one channel alone it is not asked', () => {
  const other = channel({ name: 'other', sourceHost: '10.0.0.8', sourceIdentity: '8' });
  const { finder, find } = pair();
  finder.noticeForeign([fromSource, other]);
  expect(finder.route).toBeNull();
  find(fromSource, other);
  finder.noticeForeign(null);
  finder.noticeForeign([fromSource]);
  expect(finder.route?.method.kind).toBe('mariadb-gtid');
  finder.noticeForeign([fromSource, other]);
  expect(finder.route?.method).toMatchObject({ kind: 'file' });
  expect(finder.route?.method.evidence).toContain('several sources of db2 write into one replication domain');
  find(fromSource, { ...other, sourceIdentity: '1' });
  expect(finder.route?.method.evidence).toContain('another source of db2 has the server_id 1, too');
});

const inGroup = { kind: 'galera', group: 'g', outside: null };
const member = (serverId: string) => mariadb(serverId, { cluster: 'galera' });

test('two members of one cluster need no channel, unless one is configured', () => {
  const members = { source: member('1'), target: member('2'), membership: inGroup };
  const { find, finder } = pair(members);
  expect(find()).toMatchObject({ group: true, channel: null, method: { kind: 'galera' } });
  expect(finder.own).toEqual({ channel: null, direct: false, ambiguous: false });
  // A channel from the source itself tells more.
  expect(find(fromSource)?.group).toBeUndefined();
  expect(pair({ ...members, configured: 'x' }).find(channel({ name: 'x' }))?.group).toBeUndefined();
});

test('a member that does not take part, by the word of the others, tells no position, until it does again', () => {
  const { find, finder, judged } = pair({ source: member('1'), target: member('2'), membership: inGroup });
  find();
  judged.state = 'no-quorum';
  finder.notice(null);
  expect(finder.route).toMatchObject({ group: true, method: { kind: null, evidence: 'db1: it is cut off' } });
  for (const state of ['donor', 'joining', 'in-group'] as const) {
    judged.state = state;
    finder.notice(null);
    expect(finder.route).toMatchObject({ method: { kind: 'galera' } });
  }
  const { route } = finder;
  finder.notice(null);
  expect(finder.route).toBe(route);
  judged.apart = 'they are two halves';
  finder.notice(null);
  expect(finder.route).toMatchObject({ method: { kind: null, evidence: 'they are two halves' } });
});

test('a member without a channel gets through its cluster what another member’s channel brings', () => {
  const { find, seen } = pair({ source: mysql('u1'), target: mysql('u2', { cluster: 'group-replication' }) });
  expect(find()).toMatchObject({ method: { kind: null, evidence: 'the target is not a replica' } });
  seen(set(''), set(''));
  expect(find()?.throughCluster).toBeUndefined();
  const uuid = 'aaaaaaaa-0000-0000-0000-000000000000';
  seen(set(`${uuid}:1-9`), set(`${uuid}:1-5`));
  expect(find()).toMatchObject({
    throughCluster: true,
    channel: null,
    alone: null,
    method: { kind: 'mysql-gtid', evidence: 'by GTID sets alone' },
  });
  const from = channel({ sourceIdentity: 'u1' });
  expect(find(from)).toMatchObject({ channel: from });
});

test('through a cluster of MariaDB by GTIDs, and not where a channel is configured or there are several', () => {
  const of = (configured?: string) =>
    pair({ target: mariadb('2', { cluster: 'galera' }), ...(configured !== undefined && { configured }) });
  const sees = (each: ReturnType<typeof of>) => {
    each.seen(list('0-1-9'), list('0-1-5'));
    return each;
  };
  expect(sees(of()).find()).toMatchObject({ throughCluster: true, method: { evidence: 'by GTIDs alone' } });
  expect(sees(of('x')).find()?.throughCluster).toBeUndefined();
  const [x, y] = ['x', 'y'].map((name) => channel({ name, sourceHost: name, sourceIdentity: '7' }));
  expect(sees(of()).find(x!, y!)?.throughCluster).toBeUndefined();
  const alone = sees(pair());
  expect(alone.find()?.throughCluster).toBeUndefined();
});

test('what comes from one cluster to another comes by a channel, of the member or of another one of its cluster', () => {
  const uuid = 'aaaaaaaa-0000-0000-0000-000000000000';
  const [group, other] = ['g', 'h'].map((name) => ({
    kind: 'group-replication',
    group: name,
    outside: null,
  }));
  const apart = 'they are two clusters';
  const of = (peers: string[] = []) =>
    pair({
      source: mysql('u1', { cluster: 'group-replication' }),
      target: mysql('u2', { cluster: 'group-replication' }),
      membership: group!,
      targets: other!,
      apart,
      peers,
    });
  // Of another member than the source.
  const moved = channel({ sourceHost: '10.0.0.3', sourceIdentity: 'u3' });
  expect(of().find(moved)).toMatchObject({ channel: moved, direct: false, method: { kind: 'mysql-gtid' } });
  const alone = of(['db2']);
  alone.seen(set(`${uuid}:1-9`), set(`${uuid}:1-5`));
  expect(alone.find()).toMatchObject({ group: true, method: { kind: null, evidence: apart } });
  const peers = ['db2', 'db3'];
  const brought = of(peers);
  brought.seen(set(`${uuid}:1-9`), set(`${uuid}:1-5`));
  expect(brought.find()).toMatchObject({ throughCluster: true, method: { kind: 'mysql-gtid' } });
  // It does not answer for a moment.
  peers.pop();
  expect(brought.find()).toMatchObject({ throughCluster: true });
});

test('a channel that waits on a secondary to become the primary is not the way, and no channel that stopped', () => {
  const uuid = 'aaaaaaaa-0000-0000-0000-000000000000';
  const target = mysql('u2', { cluster: 'group-replication' });
  const stopped = channel({ sourceIdentity: 'u1', receiver: 'stopped', applier: 'stopped' });
  const { find, seen, targetSampler } = pair({ source: mysql('u1'), target });
  const is = (role: string) => {
    seen(set(`${uuid}:1-9`), set(`${uuid}:1-5`));
    Object.assign(targetSampler.latest!, { membership: { role, standing: 'in' } });
  };
  is('primary');
  expect(find(stopped)).toMatchObject({ channel: stopped });
  is('secondary');
  expect(find(stopped)).toMatchObject({
    channel: null,
    throughCluster: true,
    method: { kind: 'mysql-gtid' },
  });
  for (const but of [{ applier: 'running' }, { applierError: { code: 1, message: 'x' } }] as const) {
    const other = { ...stopped, ...but } as ChannelStatus;
    expect(find(other)).toMatchObject({ channel: other });
  }
  // Nothing of the source's came by any way.
  targetSampler.latest = {
    gtid: { source: set(''), applied: set('') },
    membership: { role: 'secondary', standing: 'in' },
  };
  expect(find(stopped)).toMatchObject({ channel: stopped });
});

test('two clusters of one name are a split, whatever channels they have', () => {
  const apart = 'they are two clusters of one name';
  const { find } = pair({
    source: mariadb('1', { cluster: 'galera', clusterName: 'shop' }),
    target: mariadb('2', { cluster: 'galera', clusterName: 'shop' }),
    membership: inGroup,
    targets: { ...inGroup, group: 'h' },
    apart,
  });
  expect(find(channel({ sourceHost: '10.0.0.3', sourceIdentity: '3' }))).toMatchObject({
    group: true,
    method: { kind: null, evidence: apart },
  });
});

test('before the status was read nothing is decided at a look', () => {
  const { finder } = pair({ source: member('1'), target: member('2'), membership: inGroup });
  finder.notice(null);
  expect(finder.route).toBeNull();
  expect(finder.movedWithinGroup).toBe(false);
});

test('of many servers that are known one is that to which a channel moved', () => {
  const known = [null, mysql('u3'), mysql('u4')].map((facts, i) => ({
    facts,
    host: `10.0.0.${i + 2}`,
    port: 3306,
    group: 'g',
  }));
  const { find, finder, sourceSampler } = pair({ source: mysql('u1'), target: mysql('u2'), others: known });
  sourceSampler.latest = { gtid: {}, membership: { kind: 'group-replication', group: 'g' } };
  find(channel({ sourceHost: '10.0.0.3', sourceIdentity: 'u3' }));
  expect(finder.movedWithinGroup).toBe(true);
});

test('blind, two names of one server are no pair either, and while one was not reached nothing is decided', () => {
  const one = pair({ source: mariadb('1'), target: mariadb('1') });
  one.seen(list('0-1-9'), list('0-1-5'));
  one.finder.findBlind();
  expect(one.finder.route).toMatchObject({ one: true, method: { kind: null } });
  expect(pair({ source: mariadb('1'), target: mariadb('1') }).find(fromSource)).toMatchObject({ one: true });
  for (const servers of [{ source: null }, { target: null }]) {
    const gone = pair(servers);
    gone.seen(list('0-1-9'), list('0-1-5'));
    gone.finder.findBlind();
    expect(gone.finder.route).toBeNull();
  }
  const half = pair();
  half.sourceSampler.latest = { gtid: { source: list('0-1-9') } };
  half.finder.findBlind();
  expect(half.finder.route).toBeNull();
  half.sourceSampler.latest = null;
  half.targetSampler.latest = { gtid: { source: list('0-1-9'), applied: list('0-1-9') } };
  half.finder.findBlind();
  expect(half.finder.route).toBeNull();
});

test('with other servers in their places nothing of a mixed domain is left', () => {
  const other = channel({ name: 'other', sourceHost: '10.0.0.8', sourceIdentity: '8' });
  const { finder, find } = pair();
  find(fromSource, other);
  finder.noticeForeign([fromSource, other]);
  expect(finder.route?.method.kind).toBe('file');
  finder.reset();
  expect(find(fromSource, other)?.method.kind).toBe('mariadb-gtid');
});

test('appliers that are added between two readings of the status take each domain for itself at once', () => {
  const other = channel({ name: 'other', sourceHost: '10.0.0.8', sourceIdentity: '8' });
  const own = { ...fromSource, parallelMode: 'optimistic', parallelWorkers: 0 };
  const { finder, find, sourceSampler, targetSampler } = pair();
  const source = { kind: 'mariadb-gtid', text: '0-1-9,7-1-2', state: '0-1-9,7-1-2' };
  sourceSampler.latest = { gtid: { source } };
  find(own, other);
  finder.noticeForeign([own, other]);
  expect(finder.route?.method.kind).toBe('file');
  targetSampler.latest = { gtid: { source, applied: source, appliers: 4 } };
  finder.notice([own, other]);
  expect(finder.route?.method.kind).toBeNull();
  expect(finder.route?.method.evidence).toContain(
    'its parallel appliers take the domains 0 and 7 each for itself',
  );
});

test('a target is asked whom it reads from as soon as its source has what it does not log', () => {
  const { finder, find, seen, targetSampler } = pair();
  const logged: Position = { kind: 'mariadb-gtid', text: '0-1-9', written: '0-1-9' };
  seen(logged, list('0-1-9'));
  expect(find(fromSource)).toMatchObject({ cut: false });
  expect(targetSampler.placesFor.size).toBe(0);
  seen({ ...logged, text: '0-1-9,5-5-1' }, list('0-1-9'));
  finder.notice([fromSource]);
  expect(finder.route).toMatchObject({ cut: true, method: { kind: 'mariadb-gtid' } });
  expect(targetSampler.placesFor.size).toBe(1);
});
