import { atLeast, flavourOf, parseVersion } from './flavour.ts';
import type { ServerFacts } from './sql-server.ts';

/**
 * What every new connection asks first. `SHOW … WHERE` because it simply leaves out what a flavour does not have,
 * where `SELECT @@server_uuid` would be an error on MariaDB.
 */
export const factsStatement = `SHOW GLOBAL VARIABLES WHERE Variable_name IN
  ('version','version_comment','server_uuid','server_id','gtid_mode','log_bin','read_only')`;

export function factsFrom(variables: Map<string, string>): ServerFacts {
  const versionText = variables.get('version') ?? '';
  const flavour = flavourOf(versionText, variables.get('version_comment') ?? '');
  const serverId = variables.get('server_id') ?? '';
  const uuid = flavour === 'mysql' ? (variables.get('server_uuid') ?? '') : '';
  return {
    flavour,
    versionText,
    version: parseVersion(versionText),
    identity: uuid === '' ? serverId : uuid,
    uuid,
    serverId,
    gtidMode: flavour === 'mariadb' || variables.get('gtid_mode') === 'ON',
    binlog: isOn(variables.get('log_bin')),
  };
}

export function isOn(value: string | undefined): boolean {
  return value === 'ON' || value === '1';
}

/**
 * Lockstep's fixed session state, in one statement. Server-wide settings may say anything: these are what results and
 * safety depend on. `autocommit` so that no read view stays open; read-only so that even a mistake cannot write;
 * `wait_timeout` so that the server clears away what a dead Lockstep left.
 */
export function sessionStatement(
  { flavour, version }: Pick<ServerFacts, 'flavour' | 'version'>,
  limits: { lockWaitSeconds: number; statementMs: number },
): string {
  const transaction =
    (flavour === 'mysql' && atLeast(version, [5, 7, 20])) ||
    (flavour === 'mariadb' && atLeast(version, [11, 1, 1]))
      ? 'transaction'
      : 'tx';
  return `SET NAMES utf8mb4, ${[
    `time_zone = '+00:00'`,
    // No strictness, which is for writing; but a DATE key may hold 31 February, and MySQL would refuse to look for it.
    `sql_mode = 'ALLOW_INVALID_DATES'`,
    `autocommit = 1`,
    `sql_select_limit = DEFAULT`,
    `lock_wait_timeout = ${limits.lockWaitSeconds}`,
    `wait_timeout = 600`,
    `${transaction}_isolation = 'READ-COMMITTED'`,
    `${transaction}_read_only = 1`,
    // Otherwise MySQL answers from a cache that may be a day old, and writes that cache when it is asked.
    ...(flavour === 'mysql' && atLeast(version, [8, 0, 3]) ? ['information_schema_stats_expiry = 0'] : []),
    statementLimit(flavour, limits.statementMs),
  ]
    .map((assignment) => `SESSION ${assignment}`)
    .join(', ')}`;
}

/** The server's own limit on a statement: it holds even when Lockstep is gone and nobody can kill any more. */
export function statementLimit(flavour: ServerFacts['flavour'], ms: number): string {
  return flavour === 'mysql'
    ? `max_execution_time = ${Math.ceil(ms)}`
    : `max_statement_time = ${(ms / 1000).toFixed(3)}`;
}
