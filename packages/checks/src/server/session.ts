import { flavourOf, parseVersion } from './flavour.ts';
import { instanceFrom, instanceNames } from './instance.ts';
import { mariadbLimit, mysqlLimit, type SessionVariable } from './session-variables.ts';
import type { ServerFacts } from './sql-server.ts';

/** `CONNECTION_ID()`, as a SHOW prints it. */
export const sessionNumber = 'pseudo_thread_id';

const factNames = [
  'version',
  'version_comment',
  'gtid_mode',
  'log_bin',
  'log_slave_updates',
  'read_only',
  // Of a reader in a cluster that shares its storage.
  'innodb_read_only',
  'aurora_version',
  'lower_case_table_names',
  'wsrep_on',
  // Empty where no provider runs.
  'wsrep_provider_options',
  'wsrep_cluster_name',
  'wsrep_gtid_mode',
  'wsrep_gtid_domain_id',
  'gtid_domain_id',
  'wsrep_node_incoming_address',
  'group_replication_group_name',
  ...instanceNames,
  sessionNumber,
];

/**
 * What every new connection asks: what server this is, and how the session stands. `SHOW … WHERE` because it simply
 * leaves out what a flavour does not have, where `SELECT @@server_uuid` would be an error on MariaDB.
 */
export function factsStatement(variables: readonly SessionVariable[]): string {
  return showStatement([...factNames, ...variables.map(({ name }) => name)]);
}

export function showStatement(names: readonly string[]): string {
  return `SHOW SESSION VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`;
}

export function factsFrom(variables: Map<string, string>): ServerFacts {
  const versionText = variables.get('version') ?? '';
  const flavour = flavourOf(versionText, variables.get('version_comment') ?? '');
  const serverId = variables.get('server_id') ?? '';
  const uuid = flavour === 'mysql' ? (variables.get('server_uuid') ?? '') : '';
  const aurora = variables.get('aurora_version') ?? '';
  const parts = (...names: string[]) => names.map((name) => variables.get(name) ?? '');
  const [port = '', folder = ''] = parts('port', 'datadir');
  return {
    flavour,
    versionText,
    version: parseVersion(versionText),
    // Not by the host's name: a container that is made anew over the same data has another one.
    identity: uuid || (folder === '' ? serverId : `${serverId} on :${port}${folder}`),
    instance: instanceFrom(variables),
    uuid,
    serverId,
    gtidMode: flavour === 'mariadb' || variables.get('gtid_mode') === 'ON',
    binlog: isOn(variables.get('log_bin')),
    logsApplied: isOn(variables.get('log_bin')) && isOn(variables.get('log_slave_updates')),
    aurora: aurora === '' ? null : { version: aurora, reader: isOn(variables.get('innodb_read_only')) },
    cluster: clusterOf(variables),
    clusterName: clusterNameOf(variables),
    wsrepGtid: wsrepGtidOf(variables),
    ownAddress: variables.get('wsrep_node_incoming_address') || null,
    foldsNames: (variables.get('lower_case_table_names') ?? '0') !== '0',
  };
}

/**
 * By its own word, or since its storage engine writes nothing. MariaDB 12 knows several ways of it, such as NO_LOCK,
 * and in SQL none of these words is true.
 */
export function isReadOnly(variables: ReadonlyMap<string, string>): boolean {
  const words = ['read_only', 'innodb_read_only'].map((name) => variables.get(name) ?? '');
  return words.some((word) => !['', '0', 'OFF'].includes(word));
}

function clusterOf(variables: Map<string, string>): 'galera' | 'group-replication' | null {
  // Without wsrep_on a node still gets what its cluster commits, as long as its provider runs.
  if (isOn(variables.get('wsrep_on')) || variables.get('wsrep_provider_options')) return 'galera';
  return variables.get('group_replication_group_name') ? 'group-replication' : null;
}

function clusterNameOf(variables: Map<string, string>): string | null {
  const galera = clusterOf(variables) === 'galera';
  return variables.get(galera ? 'wsrep_cluster_name' : 'group_replication_group_name') || null;
}

/** By the variables of these names. */
export function wsrepGtidOf(variables: Map<string, string>): NonNullable<ServerFacts['wsrepGtid']> | null {
  const [cluster, alone] = [variables.get('wsrep_gtid_domain_id'), variables.get('gtid_domain_id')];
  if (!isOn(variables.get('wsrep_gtid_mode')) || cluster === undefined || alone === undefined) return null;
  return { cluster, alone };
}

export function isOn(value: string | undefined): boolean {
  return value === 'ON' || value === '1';
}

/** The server's own limit on a statement: it holds even when Lockstep is gone and nobody can kill any more. */
export function statementLimit(flavour: ServerFacts['flavour'], ms: number): string {
  return flavour === 'mysql'
    ? `max_execution_time = ${mysqlLimit(ms)}`
    : `max_statement_time = ${mariadbLimit(ms)}`;
}
