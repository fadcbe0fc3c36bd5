import type { ServerBinaries } from '../binaries/binaries.ts';

/**
 * What both making a data folder and running on it use. Nothing waits for the disk: the data of a test need not
 * survive the machine, only the server's own death, and for that the operating system's cache is enough.
 */
export function storageOptions({ flavour }: ServerBinaries): string[] {
  return [
    // mysqld refuses to run as root unless told so.
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-doublewrite=0',
    '--innodb-use-native-aio=0',
    '--innodb-buffer-pool-size=64M',
    '--max-connections=200',
    '--table-open-cache=400',
    ...(flavour === 'mariadb'
      ? ['--innodb-log-file-size=32M']
      : ['--loose-innodb-redo-log-capacity=32M', '--loose-mysqlx=OFF', '--secure-file-priv=']),
  ];
}

/** Replication on, as a careful operator would have it: row format, GTIDs, replicas that can be sources. */
export function replicationOptions({ flavour }: ServerBinaries, serverId: number): string[] {
  return [
    `--server-id=${serverId}`,
    '--log-bin=binlog',
    '--binlog-format=ROW',
    '--sync-binlog=0',
    '--relay-log=relay',
    '--relay-log-recovery=ON',
    ...(flavour === 'mariadb'
      ? ['--log-slave-updates=ON']
      : ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--log-slave-updates=ON']),
  ];
}
