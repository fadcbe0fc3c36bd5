import { expect, test } from 'vitest';
import { sameOwner } from '../../src/position/contains.ts';
import { appliedPlace, domainsOf } from '../../src/position/file-row.ts';
import type { Position } from '../../src/position/position.ts';
import { replicatedDomains, replicatedPart, withDomains } from '../../src/position/replicated-part.ts';
import { channel } from '../support/replication.ts';

const position: Position = { kind: 'mariadb-gtid', text: '0-1-5,7-1-3,8-1-2' };
const filters = (...list: [name: string, value: string][]) => ({
  filters: list.map(([name, value]) => ({ name, value })),
});

test('a position that a channel’s filters cut says by which, in the server’s words', () => {
  const ignored = filters(['Replicate_Ignore_Domain_Ids', '7, 8'], ['Replicate_Do_DB', 'shop']);
  expect(replicatedPart(position, channel(ignored))).toEqual({
    ...position,
    text: '0-1-5',
    domains: 'Replicate_Ignore_Domain_Ids=7, 8',
  });
  const only = filters(['Replicate_Do_Domain_Ids', '7']);
  expect(replicatedPart(position, channel(only))).toMatchObject({
    text: '7-1-3',
    domains: 'Replicate_Do_Domain_Ids=7',
  });
  // What a node wrote for itself is left out by nobody's filter.
  expect(replicatedPart(position, channel(), false, '8')).toEqual({ ...position, text: '0-1-5,7-1-3' });
  expect(replicatedPart(position, channel(filters(['Replicate_Do_DB', 'shop'])))).toBe(position);
});

test('the row of a channel and what was made of it tell the same filters', () => {
  const row = {
    Connection_name: '',
    Replicate_Do_Domain_Ids: '',
    Replicate_Ignore_Domain_Ids: '7',
    Replicate_Do_DB: 'shop',
    Last_Error: null,
  };
  expect(domainsOf(row)).toBe('Replicate_Ignore_Domain_Ids=7');
  expect(domainsOf(row)).toBe(replicatedDomains(filters(['Replicate_Ignore_Domain_Ids', '7'])));
  expect(domainsOf({ Connection_name: '', Replicate_Do_Domain_Ids: null })).toBe('');
  const both = { Replicate_Do_Domain_Ids: '1', Replicate_Ignore_Domain_Ids: '2' };
  expect(domainsOf(both)).toBe('Replicate_Do_Domain_Ids=1 Replicate_Ignore_Domain_Ids=2');
});

test('filters are known of what was applied only where the same answer told them', () => {
  expect(withDomains(position, '')).toEqual({ ...position, domains: '' });
  expect(withDomains(position, undefined)).toBe(position);
  const other: Position = { kind: 'mysql-gtid', text: '' };
  expect(withDomains(other, 'x')).toBe(other);
});

test('a place in a binlog is wanted of the server that the channel is to read from, where that is known', () => {
  const place: Position = { kind: 'file', text: 'b.000001:4', file: 'b.000001', offset: 4 };
  const from = { sourceHost: 'db1', sourcePort: 3306, sourceIdentity: '1' };
  expect(replicatedPart(place, channel(from))).toEqual({
    ...place,
    of: { host: 'db1', port: 3306, identity: '1' },
  });
  const { sourceIdentity: _, ...unnamed } = from;
  expect(replicatedPart(place, { ...unnamed, filters: [] })).toMatchObject({ of: { identity: null } });
  expect(replicatedPart(place, { filters: [], sourceHost: 'db1' })).toBe(place);
  expect(replicatedPart(place, { filters: [], sourcePort: 3306 })).toBe(place);
});

test('a place tells whose it is in the words of each flavour, and by what is known of that server', () => {
  const at = { Relay_Master_Log_File: 'b.000001', Exec_Master_Log_Pos: 4 };
  const owner = (row: Record<string, string | number>) => {
    const place = appliedPlace({ ...at, ...row });
    return place?.kind === 'file' ? place.of : undefined;
  };
  const mariadb = { Master_Host: 'db1', Master_Port: 3306 };
  expect(owner({ ...mariadb, Master_Server_Id: 7 })).toEqual({ host: 'db1', port: 3306, identity: '7' });
  expect(owner({ ...mariadb, Master_Server_Id: 0 })).toEqual({ host: 'db1', port: 3306, identity: null });
  expect(owner(mariadb)).toEqual({ host: 'db1', port: 3306, identity: null });
  const mysql = { Source_Host: 'db2', Source_Port: 3307, Source_Server_Id: 7, Source_UUID: 'u2' };
  expect(owner(mysql)).toEqual({ host: 'db2', port: 3307, identity: 'u2' });
  expect(owner({ Master_Host: 'db2', Master_Port: 3307, Master_UUID: 'u2' })).toMatchObject({
    identity: 'u2',
  });
  expect(owner({ Source_Host: '' })).toBeUndefined();
  expect(owner({})).toBeUndefined();
  expect(appliedPlace({ Master_Host: 'db1', Master_Port: 3306 })).toBeNull();
});

test('two names of an owner are one where all that both tell is the same', () => {
  const db1 = { host: 'db1', port: 3306, identity: '1' };
  expect(sameOwner(db1, { ...db1 })).toBe(true);
  expect(sameOwner(db1, { ...db1, identity: null })).toBe(true);
  expect(sameOwner({ ...db1, identity: null }, db1)).toBe(true);
  expect(sameOwner(db1, { ...db1, identity: '2' })).toBe(false);
  expect(sameOwner(db1, { ...db1, host: 'db2' })).toBe(false);
  expect(sameOwner(db1, { ...db1, port: 3307 })).toBe(false);
});
