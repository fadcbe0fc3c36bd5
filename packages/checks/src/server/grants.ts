import { atLeast } from './flavour.ts';
import type { ServerFacts } from './sql-server.ts';

/** The privilege for `SHOW REPLICA STATUS` and its equals. */
export function replicaStatusPrivilege({ flavour, version }: ServerFacts): string {
  if (flavour === 'mysql') return 'REPLICATION CLIENT ON *.*';
  if (atLeast(version, [10, 5, 9])) return 'SLAVE MONITOR ON *.*';
  return atLeast(version, [10, 5, 2]) ? 'REPLICATION SLAVE ADMIN ON *.*' : 'REPLICATION CLIENT ON *.*';
}

/** The privilege for `SHOW BINARY LOG STATUS` and its equals. */
export function binlogStatusPrivilege({ flavour, version }: ServerFacts): string {
  return flavour === 'mariadb' && atLeast(version, [10, 5, 2])
    ? 'BINLOG MONITOR ON *.*'
    : 'REPLICATION CLIENT ON *.*';
}

/** `'user'@'host'` of what `CURRENT_USER()` prints; the user part may hold an @ itself. */
export function quoteAccount(currentUser: string): string {
  const at = currentUser.lastIndexOf('@');
  const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  return `${quote(currentUser.slice(0, at))}@${quote(currentUser.slice(at + 1))}`;
}
