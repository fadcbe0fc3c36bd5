import { describe, expect, test } from 'vitest';
import { contains, countMissing, relate } from '../../src/position/contains.ts';
import type { Position } from '../../src/position/position.ts';
import { replicatedPart } from '../../src/position/replicated-part.ts';
import { whyOpen } from '../../src/position/why-open.ts';

const mysql = (text: string): Position => ({ kind: 'mysql-gtid', text });
const mariadb = (text: string, own?: string): Position => ({
  kind: 'mariadb-gtid',
  text,
  ...(own !== undefined && { own }),
});
const file = (file: string, offset: number): Position => ({
  kind: 'file',
  text: `${file}:${offset}`,
  file,
  offset,
});
const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('MySQL GTID sets', () => {
  test('are contained when every transaction is', () => {
    expect(contains(mysql(`${uuid}:1-9`), mysql(`${uuid}:1-9`))).toBe(true);
    expect(contains(mysql(`${uuid}:1-9`), mysql(`${uuid}:3-5`))).toBe(true);
    expect(contains(mysql(`${uuid}:1-4:6-9`), mysql(`${uuid}:3-5`))).toBe(false);
    expect(contains(mysql(''), mysql(`${uuid}:1`))).toBe(false);
  });

  test('count what is missing', () => {
    expect(countMissing(mysql(`${uuid}:1-4:6-9`), mysql(`${uuid}:1-12`))).toBe(4n);
    expect(countMissing(mysql(`${uuid}:1-4`), mysql(`${uuid}:1-4`))).toBe(0n);
  });
});

test('of a source that may write without GTIDs its set tells nothing, nor how much is missing', () => {
  const mode = { mode: 'OFF_PERMISSIVE' };
  const wanted = { kind: 'mysql-gtid' as const, text: `${uuid}:1-9`, ...mode };
  const applied = mysql(`${uuid}:1-9`);
  expect(relate(applied, wanted)).toBe('unknown');
  expect(relate(applied, applied, wanted)).toBe('unknown');
  // A target that takes what has none may lack some that is on its way, though its source has one for all by now.
  expect(relate(wanted, applied)).toBe('unknown');
  expect(countMissing(wanted, applied)).toBeNull();
  expect(countMissing(applied, wanted)).toBeNull();
  expect(whyOpen(applied, wanted)).toContain(
    'with gtid_mode = OFF_PERMISSIVE the source may write without GTIDs',
  );
  expect(whyOpen(wanted, applied)).toContain('gtid_mode = OFF_PERMISSIVE it takes changes without GTIDs');
});

test('places in binlogs of two servers are not compared, whatever their files are called', () => {
  const of = (port: number, identity: string | null) => ({
    ...file('b.000001', 9),
    of: { host: 'a', port, identity },
  });
  expect(relate(of(1, 'u'), of(1, 'u'))).toBe('has');
  expect(relate(of(1, 'u'), of(1, null))).toBe('has');
  expect(relate(of(1, 'u'), file('b.000001', 10))).toBe('lacks');
  for (const elsewhere of [
    of(2, 'u'),
    of(1, 'v'),
    { ...of(1, 'u'), of: { host: 'b', port: 1, identity: 'u' } },
  ]) {
    expect(relate(elsewhere, of(1, 'u'))).toBe('unknown');
    expect(whyOpen(elsewhere, of(1, 'u'))).toMatch(/^it reads from .:\d now, whose binlog its place is in$/);
  }
  expect(whyOpen(of(1, 'u'), of(1, 'u'))).toBeNull();
});

describe('MariaDB GTIDs', () => {
  test('are contained domain by domain', () => {
    expect(contains(mariadb('0-1-10,5-1-3'), mariadb('0-1-9'))).toBe(true);
    expect(contains(mariadb('0-1-10,5-1-3'), mariadb('0-1-9,5-1-4'))).toBe(false);
    expect(contains(mariadb('0-1-10'), mariadb('0-1-10,5-1-1'))).toBe(false);
  });

  test('a later transaction of another server in the same domain comes after', () => {
    expect(contains(mariadb('0-2-11'), mariadb('0-1-10'))).toBe(true);
  });

  test('the same number by another server is another transaction', () => {
    expect(contains(mariadb('0-2-10'), mariadb('0-1-10'))).toBe(false);
    expect(countMissing(mariadb('0-2-10'), mariadb('0-1-10'))).toBe(1n);
  });

  test('what a former source wrote itself it need not apply', () => {
    expect(contains(mariadb('0-1-20', '0-2-50'), mariadb('0-2-50'))).toBe(true);
  });

  test('an errant write on the target does not stand for the source’s transactions', () => {
    expect(contains(mariadb('0-1-99', '0-2-150'), mariadb('0-1-100'))).toBe(false);
  });

  test('count what is missing, and do not guess about a domain that is not known', () => {
    expect(countMissing(mariadb('0-1-10,5-1-3'), mariadb('0-1-12,5-1-4'))).toBe(3n);
    expect(countMissing(mariadb('0-1-10'), mariadb('0-1-12,5-1-4'))).toBeNull();
    const huge = '18446744073709551615';
    expect(countMissing(mariadb('0-1-18446744073709551610'), mariadb(`0-1-${huge}`))).toBe(5n);
  });
});

test('what a channel’s filters left of a position is all that comes only while it has them', () => {
  const domains = 'Replicate_Ignore_Domain_Ids=7';
  const wanted: Position = { kind: 'mariadb-gtid', text: '0-1-5', domains };
  const applied: Position = { kind: 'mariadb-gtid', text: '0-1-5,7-1-1' };
  expect(relate({ ...applied, domains }, wanted)).toBe('has');
  for (const now of [{}, { domains: '' }, { domains: 'Replicate_Ignore_Domain_Ids=8' }]) {
    expect(relate({ ...applied, ...now }, wanted)).toBe('unknown');
    expect(whyOpen({ ...applied, ...now }, wanted)).toContain('IGNORE_DOMAIN_IDS');
  }
  expect(relate({ ...applied, domains }, { kind: 'mariadb-gtid', text: '0-1-5' })).toBe('has');
});

test('what a source does not log is left out only for who reads from it', () => {
  const channel = { filters: [], sourceHost: 'db2', sourcePort: 3306 };
  const source: Position = { kind: 'mariadb-gtid', text: '1-1-6,2-2-1', written: '2-2-1' };
  const wanted = replicatedPart(source, channel, true);
  const applied: Position = { kind: 'mariadb-gtid', text: '1-1-5,2-2-1' };
  expect(relate({ ...applied, from: 'db2:3306' }, wanted)).toBe('has');
  for (const now of [{}, { from: 'db1:3306' }]) {
    expect(relate({ ...applied, ...now }, wanted)).toBe('unknown');
    expect(whyOpen({ ...applied, ...now }, wanted)).toContain('from db2:3306 when its status was read');
  }
  const logsAll = replicatedPart({ ...source, written: source.text }, channel, true);
  expect(relate({ ...applied, text: source.text }, logsAll)).toBe('has');
});

test('a place proves something for who takes all in one order, or did so when that was read', () => {
  const reads = { filters: [], sourceHost: 'db1', sourcePort: 3306, sourceIdentity: '1', usesGtid: false };
  const wanted = replicatedPart(file('binlog.000001', 4), { ...reads, parallelMode: 'optimistic' });
  const of = { host: 'db1', port: 3306, identity: '1' };
  const applied = { kind: 'file', text: 'binlog.000001:4', file: 'binlog.000001', offset: 4, of } as const;
  expect(relate({ ...applied, of: { ...of, order: 'one' } }, wanted)).toBe('has');
  expect(relate({ ...applied, of }, wanted)).toBe('has');
  const byDomain: Position = { ...applied, of: { ...of, order: 'by-domain' } };
  expect(relate(byDomain, wanted)).toBe('unknown');
  expect(whyOpen(byDomain, wanted)).toContain('takes each replication domain for itself');
});

describe('binlog places', () => {
  test('are ordered by file number, then offset', () => {
    expect(contains(file('binlog.000009', 4), file('binlog.000008', 9000))).toBe(true);
    expect(contains(file('binlog.000009', 4), file('binlog.000009', 5))).toBe(false);
  });

  test('go on after file 999999', () => {
    expect(contains(file('binlog.1000000', 4), file('binlog.999999', 9000))).toBe(true);
    expect(contains(file('binlog.999999', 4), file('binlog.1000000', 4))).toBe(false);
  });

  test('of differently named logs never contain each other', () => {
    expect(contains(file('new.000009', 4), file('old.000001', 4))).toBe(false);
    expect(countMissing(file('binlog.000009', 4), file('binlog.000001', 4))).toBeNull();
  });
});

test('positions of different kinds never contain each other', () => {
  expect(contains(mysql(''), mariadb(''))).toBe(false);
  expect(contains(file('binlog.000001', 4), mariadb('0-1-1'))).toBe(false);
});
