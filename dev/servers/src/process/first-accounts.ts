import type { ServerBinaries } from '../binaries/binaries.ts';
import type { Credentials } from '../server-handle.ts';
import { text } from '../sql.ts';

export interface Accounts {
  rootPassword: string;
  monitor: Credentials;
  replication: Credentials;
}

/**
 * SQL for `--init-file`, one statement a line. It leaves no trace in the binary log, so that replication between two
 * such servers starts from nothing on both sides.
 */
export function firstAccounts(binaries: ServerBinaries, accounts: Accounts): string {
  const { rootPassword, monitor, replication } = accounts;
  const account = ({ user, password }: Credentials) => [`'${user}'@'127.0.0.1'`, text(password)] as const;
  const [root, rootSecret] = account({ user: 'root', password: rootPassword });
  const [watcher, watcherSecret] = account(monitor);
  const [replica, replicaSecret] = account(replication);
  const lines = [
    'SET sql_log_bin=0',
    `ALTER USER 'root'@'localhost' IDENTIFIED BY ${rootSecret}`,
    // MariaDB's new data folders have this one already, without a password.
    `CREATE USER IF NOT EXISTS ${root} IDENTIFIED BY ${rootSecret}`,
    `ALTER USER ${root} IDENTIFIED BY ${rootSecret}`,
    `GRANT ALL PRIVILEGES ON *.* TO ${root} WITH GRANT OPTION`,
    `CREATE USER ${replica} IDENTIFIED BY ${replicaSecret}`,
    `GRANT REPLICATION SLAVE ON *.* TO ${replica}`,
    `CREATE USER ${watcher} IDENTIFIED BY ${watcherSecret}`,
    ...monitorGrants(binaries).map((grant) => `GRANT ${grant} TO ${watcher}`),
  ];
  return lines.map((line) => `${line};\n`).join('');
}

/** The least that lets the monitor see replication. SELECT on the schemas compared comes on top, schema by schema. */
function monitorGrants({ flavour, version: [major] }: ServerBinaries): string[] {
  if (flavour === 'mariadb') return ['SLAVE MONITOR, BINLOG MONITOR ON *.*'];
  const tables = [
    'connection_configuration',
    'connection_status',
    'applier_configuration',
    'applier_status',
    'applier_status_by_coordinator',
    'applier_status_by_worker',
  ];
  if (major >= 8) tables.push('applier_filters', 'applier_global_filters');
  return [
    'REPLICATION CLIENT ON *.*',
    ...tables.map((table) => `SELECT ON performance_schema.replication_${table}`),
  ];
}
