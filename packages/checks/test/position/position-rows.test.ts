import { describe, expect, test } from 'vitest';
import {
  appliedPlace,
  binlogPlace,
  binlogStatusStatement,
  channelName,
  replicaStatusStatement,
} from '../../src/position/file-row.ts';
import {
  appliedPositionFrom,
  gtidStatement,
  historyFrom,
  nodeGtidStatement,
  sourcePositionFrom,
} from '../../src/position/gtid-row.ts';
import { samePosition, shortened } from '../../src/position/position.ts';
import { replicatedPart } from '../../src/position/replicated-part.ts';
import { facts } from '../support/replication.ts';

describe('statements', () => {
  test('are those of the version', () => {
    const of = (...version: [number, number, number]) => facts('mysql', { version });
    expect(binlogStatusStatement(of(8, 1, 9))).toBe('SHOW MASTER STATUS');
    expect(binlogStatusStatement(of(8, 2, 0))).toBe('SHOW BINARY LOG STATUS');
    expect(binlogStatusStatement(facts('mariadb', { version: [11, 8, 1] }))).toBe('SHOW MASTER STATUS');
    expect(replicaStatusStatement(of(8, 0, 21))).toBe('SHOW SLAVE STATUS');
    expect(replicaStatusStatement(of(8, 0, 22))).toBe('SHOW REPLICA STATUS');
    expect(replicaStatusStatement(facts('mariadb', { version: [11, 8, 1] }))).toBe('SHOW ALL SLAVES STATUS');
  });

  test('ask each flavour for its own GTIDs', () => {
    expect(gtidStatement('mysql')).toContain('gtid_executed');
    expect(gtidStatement('mysql')).not.toContain('gtid_slave_pos');
    expect(gtidStatement('mariadb')).toMatch(/gtid_binlog_pos.+gtid_slave_pos.+gtid_binlog_state/s);
  });
});

describe('rows of file and offset', () => {
  test('are read by their old names and their new ones', () => {
    const there = { kind: 'file', text: 'binlog.000007:4321', file: 'binlog.000007', offset: 4321 };
    expect(binlogPlace({ File: 'binlog.000007', Position: 4321 })).toEqual(there);
    expect(appliedPlace({ Relay_Source_Log_File: 'binlog.000007', Exec_Source_Log_Pos: 4321 })).toEqual(
      there,
    );
    expect(appliedPlace({ Relay_Master_Log_File: 'binlog.000007', Exec_Master_Log_Pos: 4321 })).toEqual(
      there,
    );
    expect(channelName({ Channel_Name: 'a' })).toBe('a');
    expect(channelName({ Connection_name: 'b' })).toBe('b');
    expect(channelName({})).toBe('');
  });

  test('say whose binlog the place is in', () => {
    const at = { Relay_Source_Log_File: 'b.000001', Exec_Source_Log_Pos: 4 };
    const mysql = { ...at, Source_Host: 'a', Source_Port: 1, Source_Server_Id: 2, Source_UUID: 'u' };
    expect(appliedPlace(mysql)).toMatchObject({ of: { host: 'a', port: 1, identity: 'u' } });
    const mariadb = { ...at, Master_Host: 'a', Master_Port: '1', Master_Server_Id: '2' };
    expect(appliedPlace(mariadb)).toMatchObject({ of: { host: 'a', port: 1, identity: '2' } });
    const unreached = { ...mariadb, Master_Server_Id: 0 };
    expect(appliedPlace(unreached)).toMatchObject({ of: { host: 'a', port: 1, identity: null } });
    expect(appliedPlace(at)).not.toHaveProperty('of');
  });

  test('without a file are no place', () => {
    expect(binlogPlace({ File: '', Position: 0 })).toBeNull();
    expect(binlogPlace({})).toBeNull();
    expect(appliedPlace({ Relay_Source_Log_File: '', Exec_Source_Log_Pos: 0 })).toBeNull();
  });
});

describe('rows of GTIDs', () => {
  const row = { written: '0-1-9,1-1-4', applied: '', state: '0-2-3,0-1-9,1-1-4' };

  test('of MySQL are one line', () => {
    const [one, two, three] = ['1', '2', '3'].map(
      (digit) => `${digit.repeat(8)}-0000-0000-0000-000000000000`,
    );
    const executed = { executed: `${one}:1-9,\n${two}:1-3,\n${three}:1` };
    const position = { kind: 'mysql-gtid', text: `${one}:1-9,${two}:1-3,${three}:1` };
    expect(sourcePositionFrom('mysql', executed)).toEqual(position);
    expect(appliedPositionFrom('mysql', executed, facts('mysql'))).toEqual(position);
    expect(historyFrom('mysql', executed)).toBe(position.text);
    expect(sourcePositionFrom('mysql', { ...executed, mode: 'ON' })).toEqual(position);
  });

  test('of a MySQL source that may write without them say so', () => {
    const row = { executed: '', mode: 'OFF_PERMISSIVE' };
    const position = { kind: 'mysql-gtid', text: '', mode: 'OFF_PERMISSIVE' } as const;
    expect(sourcePositionFrom('mysql', row)).toEqual(position);
    expect(samePosition(position, { kind: 'mysql-gtid', text: '' })).toBe(false);
    expect(samePosition(position, { ...position })).toBe(true);
  });

  test('of a MariaDB source are what it wrote and what it applied, the newest of both', () => {
    const position = { kind: 'mariadb-gtid', text: row.written, written: row.written, state: row.state };
    expect(sourcePositionFrom('mariadb', row)).toEqual(position);
    expect(sourcePositionFrom('mariadb', { ...row, applied: row.written })).toEqual(position);
    expect(sourcePositionFrom('mariadb', { ...row, applied: '0-2-12,1-1-2,5-9-20' })).toEqual({
      ...position,
      text: '0-2-12,1-1-4,5-9-20',
    });
    // As the server printed it, whatever its order, where there is nothing to put together.
    expect(sourcePositionFrom('mariadb', { ...row, written: '1-1-4,0-1-9' })).toMatchObject({
      text: '1-1-4,0-1-9',
    });
    expect(historyFrom('mariadb', row)).toBe(row.state);
  });

  test('of a node of a cluster are apart what of the cluster it does not have in its own binlog', () => {
    const node = { ...row, written: '7-9-4,12-9-2', state: '7-9-4,12-9-2' };
    for (const seen of ['', '7-9-3', '7-9-4', undefined]) {
      expect(sourcePositionFrom('mariadb', { ...node, seen: seen as string })).not.toHaveProperty('unlogged');
    }
    // What came by a channel in the cluster's domain is later than what the cluster wrote, whatever its number.
    const mixed = { ...node, written: '7-77-2', state: '7-9-4,7-77-2' };
    expect(sourcePositionFrom('mariadb', { ...mixed, seen: '7-9-4' })).not.toHaveProperty('unlogged');
    const position = sourcePositionFrom('mariadb', { ...node, seen: '7-9-5' });
    expect(position).toMatchObject({ text: node.written, written: node.written, unlogged: '7-9-5' });
    expect(replicatedPart(position, { filters: [] }, true, null)).toBe(position);
    expect(replicatedPart(position, { filters: [] }, false, '12')).toMatchObject({ text: '7-9-5' });
    const asked = (version: [number, number, number]) => nodeGtidStatement(facts('mariadb', { version }));
    expect(asked([10, 5, 1])).toContain('WSREP_LAST_SEEN_GTID()');
    expect(asked([10, 4, 30])).not.toContain('WSREP_LAST_SEEN_GTID()');
  });

  test('of a MariaDB target are what it applied, and apart what it wrote itself', () => {
    const mine = facts('mariadb', { serverId: '2' });
    expect(
      appliedPositionFrom('mariadb', { ...row, applied: '0-1-9', state: '0-2-3,0-1-9,1-2-4' }, mine),
    ).toEqual({
      kind: 'mariadb-gtid',
      text: '0-1-9',
      own: '0-2-3,1-2-4',
      state: '0-2-3,0-1-9,1-2-4',
    });
    expect(appliedPositionFrom('mariadb', { ...row, state: '0-1-9' }, mine)).toMatchObject({ own: '' });
  });
});

test('a position is the same when nothing of it changed, also of what is not in its text', () => {
  const position = { kind: 'mariadb-gtid', text: '0-1-9', written: '0-1-9', state: '0-1-9' } as const;
  expect(samePosition(position, position)).toBe(true);
  expect(samePosition(position, { ...position })).toBe(true);
  expect(samePosition(position, { ...position, text: '0-1-10' })).toBe(false);
  expect(samePosition(position, { ...position, written: '0-1-8' })).toBe(false);
  expect(samePosition(position, { ...position, state: '0-1-9,0-2-1' })).toBe(false);
  expect(samePosition({ kind: 'mysql-gtid', text: '' }, { kind: 'mysql-gtid', text: '' })).toBe(true);
  expect(samePosition({ kind: 'mysql-gtid', text: '' }, { kind: 'mariadb-gtid', text: '' })).toBe(false);
});

test('a long text is cut to its length, one that fits is left', () => {
  expect(shortened('abcdefghij', 10)).toBe('abcdefghij');
  expect(shortened('abcdefghijk', 10)).toBe('abcdefg…');
  expect(shortened('x'.repeat(60))).toHaveLength(60);
});

test('what is no position goes no further than the reading of it', () => {
  expect(() => sourcePositionFrom('mysql', { executed: 'ON' })).toThrow('not a MySQL GTID set: ON');
  const row = { written: '0-1-9', applied: '', state: '0-1-9' };
  for (const column of ['written', 'applied', 'state']) {
    const read = () => sourcePositionFrom('mariadb', { ...row, [column]: 'ON' });
    expect(read).toThrow('not a MariaDB GTID list: ON');
  }
});
