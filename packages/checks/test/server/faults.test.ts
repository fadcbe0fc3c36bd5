import { describe, expect, test } from 'vitest';
import { faultFrom } from '../../src/server/faults.ts';
import { atLeast, flavourOf, parseVersion } from '../../src/server/flavour.ts';
import { quoteAccount, replicaStatusPrivilege } from '../../src/server/grants.ts';
import { factsFrom } from '../../src/server/session.ts';
import { isSet, sessionVariables, setStatement } from '../../src/server/session-variables.ts';
import { backoffDelay } from '../../src/time/backoff.ts';
import { formatDuration } from '../../src/time/duration.ts';

const server = { name: 'db1', host: '10.0.0.1', port: 3306, user: 'lockstep' };
const fromServer = (errno: number, message = 'words') =>
  Object.assign(new Error(message), { errno, sqlState: 'HY000' });
const kind = (errno: number, phase: 'connect' | 'query' = 'query') =>
  faultFrom(fromServer(errno), server, phase).kind;

describe('faults', () => {
  test.each([1040, 1053, 1129, 1130, 1203, 1226, 1927, 2006, 2013, 4031])(
    '%i is of the connection',
    (errno) => {
      expect(kind(errno)).toBe('connection');
    },
  );

  test.each([1205, 1969, 3024])('%i is a timeout', (errno) => {
    expect(kind(errno)).toBe('timeout');
  });

  test.each([1044, 1045, 1142, 1143, 1227, 1370, 1410])('%i is a missing privilege', (errno) => {
    expect(kind(errno)).toBe('privilege');
  });

  test.each([1064, 1054, 1146, 1317])('%i is the statement’s', (errno) => {
    expect(kind(errno)).toBe('statement');
  });

  test('a refused login is of the connection and names the account', () => {
    const fault = faultFrom(
      fromServer(1045, "Access denied for user 'lockstep'@'10.0.0.9'"),
      server,
      'connect',
    );
    expect(fault).toMatchObject({ kind: 'connection', errno: 1045, server: 'db1' });
    expect(fault.message).toBe(
      "db1 (10.0.0.1:3306): access denied for lockstep (1045: Access denied for user 'lockstep'@'10.0.0.9')",
    );
  });

  test('the network’s errors name the server, and what to look at', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111 });
    expect(faultFrom(refused, server, 'connect')).toMatchObject({
      kind: 'connection',
      errno: 0,
      message:
        'db1 (10.0.0.1:3306): connection refused; is the server running, and is this its port? (ECONNREFUSED)',
    });
  });

  test('the reason says the same without the server, whatever that is called', () => {
    const odd = { ...server, name: 'db (old): a' };
    const fault = faultFrom(fromServer(1053, 'Server shutdown'), odd, 'query');
    expect(fault.message).toBe(`db (old): a (10.0.0.1:3306): ${fault.reason}`);
    expect(fault.reason).toBe('it is shutting down (1053: Server shutdown)');
  });

  test('what nobody foresaw is of the connection, in its own words', () => {
    expect(faultFrom(new Error('packets out of order'), server, 'query')).toMatchObject({
      kind: 'connection',
      message: 'db1 (10.0.0.1:3306): packets out of order',
    });
  });
});

describe('flavour and version', () => {
  test.each([
    ['10.11.19-MariaDB-0+deb12u1-log', 'Debian 12', 'mariadb', [10, 11, 19]],
    ['11.8.1', 'mariadb.org binary distribution', 'mariadb', [11, 8, 1]],
    ['5.5.5-10.6.4-MariaDB', '', 'mariadb', [10, 6, 4]],
    ['9.7.4-2', 'Debian', 'mysql', [9, 7, 4]],
    ['26.1.0', 'MySQL Community Server', 'mysql', [26, 1, 0]],
    ['8.0.36-28', 'Percona Server (GPL)', 'mysql', [8, 0, 36]],
    ['8.0.mysql_aurora.3.04.0', 'Source distribution', 'mysql', [8, 0, 0]],
  ] as const)('%s (%s) is %s %j', (text, comment, flavour, version) => {
    expect(flavourOf(text, comment)).toBe(flavour);
    expect(parseVersion(text)).toEqual(version);
  });

  test('versions are compared as numbers', () => {
    expect(atLeast([10, 5, 9], [10, 5, 9])).toBe(true);
    expect(atLeast([10, 11, 0], [10, 5, 9])).toBe(true);
    expect(atLeast([8, 0, 9], [8, 0, 22])).toBe(false);
    expect(atLeast([26, 1, 0], [9, 7, 0])).toBe(true);
  });

  test('MySQL is identified by its UUID, MariaDB by its server id', () => {
    const facts = (variables: Record<string, string>) => factsFrom(new Map(Object.entries(variables)));
    expect(
      facts({ version: '8.4.3', server_uuid: 'u', server_id: '7', gtid_mode: 'OFF_PERMISSIVE' }),
    ).toMatchObject({
      identity: 'u',
      gtidMode: false,
      binlog: false,
    });
    expect(facts({ version: '11.4.2-MariaDB', server_id: '7', log_bin: 'ON' })).toMatchObject({
      identity: '7',
      uuid: '',
      gtidMode: true,
      binlog: true,
    });
  });

  test('the session is set up in the words of each server, and a value is known however it is printed', () => {
    const variables = sessionVariables({ lockWaitSeconds: 1, statementMs: 5000 });
    const statement = (...names: string[]) =>
      setStatement(variables.filter(({ name }) => names.includes(name)));
    expect(statement('tx_isolation', 'max_execution_time')).toBe(
      `SET SESSION max_execution_time = 5000, SESSION tx_isolation = 'READ-COMMITTED'`,
    );
    expect(statement('transaction_read_only', 'max_statement_time')).toBe(
      'SET SESSION max_statement_time = 5.000, SESSION transaction_read_only = 1',
    );
    expect(isSet({ name: 'autocommit', value: '1' }, 'ON')).toBe(true);
    expect(isSet({ name: 'max_statement_time', value: '5.000' }, '5.000000')).toBe(true);
    expect(isSet({ name: 'old_mode', value: `''` }, 'UTF8_IS_UTF8MB3')).toBe(false);
    expect(isSet({ name: 'sql_safe_updates', value: '0' }, 'ON')).toBe(false);
    expect(isSet({ name: 'max_sort_length', value: '16384' }, '4')).toBe(false);
  });
});

test('the privilege for the replication status has another name on each server', () => {
  const of = (flavour: 'mysql' | 'mariadb', version: [number, number, number]) =>
    replicaStatusPrivilege({ flavour, version } as Parameters<typeof replicaStatusPrivilege>[0]);
  expect(of('mysql', [9, 7, 0])).toBe('REPLICATION CLIENT ON *.*');
  expect(of('mariadb', [10, 11, 6])).toBe('SLAVE MONITOR ON *.*');
  expect(of('mariadb', [10, 4, 1])).toBe('REPLICATION CLIENT ON *.*');
});

test('accounts are quoted as GRANT wants them', () => {
  expect(quoteAccount('lockstep@10.0.0.%')).toBe("'lockstep'@'10.0.0.%'");
  expect(quoteAccount("o'hara@example.com@%")).toBe("'o''hara@example.com'@'%'");
});

test('waits double up to a limit', () => {
  const config = { firstDelayMs: 5000, maxDelayMs: 60_000 };
  expect([1, 2, 3, 4, 5, 6, 999].map((attempt) => backoffDelay(attempt, config))).toEqual([
    5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
  ]);
});

test.each([
  [0, '0 ms'],
  [249.6, '250 ms'],
  [1000, '1 s'],
  [12_400, '12.4 s'],
  [59_960, '1 min'],
  [250_000, '4 min 10 s'],
  [3_599_400, '59 min 59 s'],
  [3_599_600, '1 h'],
  [3_600_000, '1 h'],
  [86_399_000, '1 d'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%i ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
