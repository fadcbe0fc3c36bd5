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

/**
 * What a server of a test does without: to start one takes a quarter less then, and a third of the memory. Threads,
 * replication, locks and variables stay in the performance schema; what it counts by statement, user and error goes.
 */
export function leanOptions({ flavour }: ServerBinaries): string[] {
  if (flavour === 'mariadb') {
    return ['--innodb-log-buffer-size=2M', '--aria-pagecache-buffer-size=8M', '--key-buffer-size=1M'];
  }
  return [
    '--innodb-log-buffer-size=1M',
    '--innodb-read-io-threads=1',
    '--innodb-write-io-threads=1',
    '--innodb-purge-threads=1',
    ...[
      'digests-size=0',
      'max-digest-length=0',
      'error-size=0',
      'accounts-size=0',
      'hosts-size=0',
      'users-size=0',
      'events-statements-history-size=1',
      'events-statements-history-long-size=0',
      'events-stages-history-long-size=0',
      'events-waits-history-long-size=0',
      'events-transactions-history-long-size=0',
    ].map((setting) => `--loose-performance-schema-${setting}`),
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
