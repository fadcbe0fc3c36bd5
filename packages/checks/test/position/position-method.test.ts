import { expect, test } from 'vitest';
import { lostMariadbGtids } from '../../src/position/lost-history.ts';
import { hasTwin, ownChannel } from '../../src/position/own-channel.ts';
import { choosePositionMethod } from '../../src/position/position-method.ts';
import { replicatedPart } from '../../src/position/replicated-part.ts';
import { channel, facts } from '../support/replication.ts';

const mysql = facts('mysql');
const mariadb = facts('mariadb');
const kindOf = (...args: Parameters<typeof choosePositionMethod>) => choosePositionMethod(...args).kind;

test('a channel that positions itself by GTID is compared by GTID', () => {
  const byGtid = { channel: channel({ usesGtid: true }), direct: true };
  expect(kindOf({ source: mysql, target: mysql, ...byGtid })).toBe('mysql-gtid');
  expect(kindOf({ source: mariadb, target: mariadb, ...byGtid })).toBe('mariadb-gtid');
});

test('a channel that positions itself by file and offset is compared so, even if there are GTIDs', () => {
  const byFile = { channel: channel({ usesGtid: false }), direct: true };
  expect(kindOf({ source: mysql, target: mysql, ...byFile })).toBe('file');
  expect(kindOf({ source: mariadb, target: mariadb, ...byFile })).toBe('file');
  expect(
    kindOf({ source: { ...mysql, gtidMode: false }, target: { ...mysql, gtidMode: false }, ...byFile }),
  ).toBe('file');
});

test('between flavours only file and offset compare', () => {
  const direct = { channel: channel({ usesGtid: true }), direct: true };
  expect(kindOf({ source: mysql, target: mariadb, ...direct })).toBe('file');
});

test('across a relay file and offset say nothing', () => {
  const relayed = {
    channel: channel({ usesGtid: false, sourceHost: 'relay', sourcePort: 3307 }),
    direct: false,
  };
  expect(kindOf({ source: mysql, target: mysql, ...relayed })).toBe('mysql-gtid');
  const method = choosePositionMethod({ source: mariadb, target: mariadb, ...relayed });
  expect(method).toMatchObject({ kind: null, evidence: expect.stringContaining('relay:3307') as string });
});

test('what is no replica has no positions', () => {
  expect(kindOf({ source: mysql, target: mysql, channel: null, direct: false })).toBeNull();
});

test('the channel of a pair is the one that reads from its source', () => {
  const source = { facts: { ...mysql, uuid: 'u1', serverId: '1' }, host: 'db1', port: 3306 };
  const own = channel({ name: 'b', sourceHost: 'vip', sourceIdentity: 'u1' });
  const other = channel({ name: 'a', sourceHost: 'db1', sourcePort: 3306, sourceIdentity: 'u2' });
  // By identity: the address of `other` fits, but another server is behind it.
  expect(ownChannel([other, own], source, null)).toEqual({ channel: own, direct: true, ambiguous: false });
  expect(ownChannel([other, own], source, 'a')).toEqual({ channel: other, direct: false, ambiguous: false });
});

test('before a receiver has met its source, the address tells', () => {
  const own = channel({ name: 'b', sourceHost: 'db1', sourcePort: 3306, sourceIdentity: null });
  const source = { facts: mysql, host: 'db1', port: 3306 };
  expect(ownChannel([channel({ sourceHost: 'db2' }), own], source, null).channel).toBe(own);
});

test('several channels of which none reads from the source are ambiguous', () => {
  const source = { facts: mysql, host: 'db1', port: 3306 };
  const channels = [channel({ name: 'a', sourceHost: 'x' }), channel({ name: 'b', sourceHost: 'y' })];
  expect(ownChannel(channels, source, null)).toEqual({ channel: null, direct: false, ambiguous: true });
});

test('domains that the channel leaves out are not waited for', () => {
  const position = { kind: 'mariadb-gtid', text: '0-1-5,1-1-6,2-1-7' } as const;
  const with_ = (...filters: [name: string, value: string][]) =>
    replicatedPart(position, { filters: filters.map(([name, value]) => ({ name, value })) }).text;
  expect(with_()).toBe('0-1-5,1-1-6,2-1-7');
  expect(with_(['Replicate_Ignore_Domain_Ids', '1,2'])).toBe('0-1-5');
  expect(with_(['Replicate_Do_Domain_Ids', '2'], ['Replicate_Do_DB', 'shop'])).toBe('2-1-7');
});

test('MariaDB’s GTIDs that do not tell writers apart are not compared, MySQL’s always are', () => {
  const pair = { channel: channel({ usesGtid: true }), mixed: 'two servers write in domain 0' };
  const both = { source: mariadb, target: mariadb };
  const direct = choosePositionMethod({ ...both, ...pair, direct: true });
  expect(direct).toEqual({
    kind: 'file',
    evidence: 'binlog file and offset, because two servers write in domain 0',
  });
  const unordered = 'its appliers go each their own way';
  expect(choosePositionMethod({ ...both, ...pair, direct: true, unordered })).toEqual({
    kind: null,
    evidence: `two servers write in domain 0, and ${unordered}; set them apart by gtid_domain_id`,
  });
  const relayed = choosePositionMethod({ ...both, ...pair, direct: false });
  expect(relayed).toMatchObject({
    kind: null,
    evidence: expect.stringMatching(/^two servers .+gtid_domain_id$/) as string,
  });
  expect(kindOf({ source: mysql, target: mysql, ...pair, direct: true })).toBe('mysql-gtid');
  expect(kindOf({ source: mysql, target: mariadb, ...pair, direct: false })).toBeNull();
});

test('of two sources with one server_id the address tells which channel is whose', () => {
  const source = { facts: { ...mariadb, serverId: '1' }, host: 'db1', port: 3306 };
  const twin = { facts: { ...mariadb, serverId: '1' }, host: 'db2', port: 3306 };
  const a = channel({ name: 'a', sourceHost: 'db1', sourcePort: 3306, sourceIdentity: '1' });
  const b = channel({ name: 'b', sourceHost: 'db2', sourcePort: 3306, sourceIdentity: '1' });
  expect(ownChannel([b, a], source, null)).toEqual({ channel: a, direct: true, ambiguous: false });
  expect(ownChannel([b], source, null, [twin])).toEqual({ channel: b, direct: false, ambiguous: false });
  expect(ownChannel([b], source, null, [{ ...twin, facts: { ...mariadb, serverId: '2' } }]).direct).toBe(
    true,
  );
  expect(ownChannel([a], { ...source, host: 'vip' }, null).direct).toBe(true);
  expect(ownChannel([{ ...a, sourceIdentity: '2' }], source, null).direct).toBe(false);
  expect(ownChannel([a, { ...a, name: 'c' }], source, null)).toEqual({
    channel: null,
    direct: false,
    ambiguous: true,
  });
  expect([hasTwin(a, [a, b]), hasTwin(a, [a]), hasTwin(a, [a, { ...b, sourceIdentity: '2' }])]).toEqual([
    true,
    false,
    false,
  ]);
  const unmet = { ...a, sourceIdentity: null };
  expect(hasTwin(unmet, [unmet, { ...b, sourceIdentity: null }])).toBe(false);
});

test('another port is another server', () => {
  const source = { facts: mysql, host: 'db1', port: 3306 };
  expect(ownChannel([channel({ sourceHost: 'db1', sourcePort: 3307 })], source, null).direct).toBe(false);
  expect(ownChannel([], source, null)).toEqual({ channel: null, direct: false, ambiguous: false });
});

test('from the source itself comes only what is in its own binlog', () => {
  const position = { kind: 'mariadb-gtid', text: '0-1-5,10-9-20', written: '0-1-5' } as const;
  const none = { filters: [] };
  expect(replicatedPart(position, none, true)).toEqual({ ...position, text: '0-1-5' });
  expect(replicatedPart(position, none)).toBe(position);
  const domains = { filters: [{ name: 'Replicate_Do_Domain_Ids', value: '10' }] };
  expect(replicatedPart(position, domains).text).toBe('10-9-20');
  expect(replicatedPart(position, domains, true).text).toBe('');
  const set = { kind: 'mysql-gtid', text: '' } as const;
  expect(replicatedPart(set, domains, true)).toBe(set);
});

const node = (domain: string | null) => ({
  ...mariadb,
  serverId: '9',
  cluster: 'galera' as const,
  ownAddress: '10.0.0.1:3306',
  wsrepGtid: domain === null ? null : { cluster: domain, alone: '11' },
});

test('a node of a Galera cluster is known by its addresses, since others may have its server_id', () => {
  const source = { facts: node('7'), host: 'n1', port: 3306 };
  const from = (sourceHost: string, more = {}) =>
    ownChannel([channel({ sourceHost, sourcePort: 3306, sourceIdentity: '9', ...more })], source, null)
      .direct;
  expect([from('n1'), from('10.0.0.1'), from('n2')]).toEqual([true, true, false]);
  expect(from('n1', { sourceIdentity: '8' })).toBe(false);
});

test('GTIDs of another node of the cluster tell only where all nodes number alike', () => {
  const across = (domain: string | null, more = {}) =>
    choosePositionMethod({
      source: node(domain),
      target: mariadb,
      channel: channel({ sourceHost: 'n2', sourcePort: 3306, usesGtid: true, ...more }),
      direct: false,
    });
  expect(across('7').kind).toBe('mariadb-gtid');
  expect(across(null).kind).toBeNull();
  expect(across(null).evidence).toMatch(
    /^the target reads from n2:3306, and each node .+ wsrep_gtid_mode = ON/,
  );
  expect(across('11').kind).toBeNull();
  expect(across('11').evidence).toContain('a gtid_domain_id of its own');
  const shared = choosePositionMethod({
    source: { ...node('7'), wsrepGtid: { cluster: '7', alone: '0' } },
    target: mariadb,
    channel: channel({ sourceHost: 'n2', sourcePort: 3306, usesGtid: true }),
    direct: false,
  });
  expect(shared.kind).toBeNull();
  expect(shared.evidence).toContain('in domain 0, in which the source writes for itself alone, too');
  expect(across('7', { usesGtid: false }).kind).toBeNull();
  expect(across('7', { usesGtid: false }).evidence).toContain("places in that server's binlog");
});

test('what a node wrote for itself alone does not come by another node', () => {
  const position = { kind: 'mariadb-gtid', text: '7-9-5,11-9-2', written: '7-9-5,11-9-2' } as const;
  expect(replicatedPart(position, { filters: [] }, false, '11').text).toBe('7-9-5');
  expect(replicatedPart(position, { filters: [] }, true).text).toBe('7-9-5,11-9-2');
});

test('what its cluster has and a node has not is not lost, what it had of its own is', () => {
  expect(lostMariadbGtids('7-9-6', '7-9-5', node('7'))).toBe('');
  expect(lostMariadbGtids('7-9-6', '7-9-5', node(null))).toBe('7-9-6');
  expect(lostMariadbGtids('11-9-3', '11-9-2', node('7'))).toBe('11-9-3');
});
