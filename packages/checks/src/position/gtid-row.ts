import type { Flavour } from '../model/server.ts';
import type { ServerFacts, SqlRow } from '../server/sql-server.ts';
import {
  formatMariadbGtidList,
  newestOfEach,
  parseMariadbGtidList,
  splitMariadbGtids,
} from './mariadb-gtid-list.ts';
import type { Position } from './position.ts';

/** One statement, one row: a server's GTID position as a source and as a target. USAGE is enough for it. */
export function gtidStatement(flavour: Flavour): string {
  return flavour === 'mysql'
    ? 'SELECT @@global.gtid_executed AS executed'
    : `SELECT @@global.gtid_binlog_pos AS written, @@global.gtid_slave_pos AS applied,
       @@global.gtid_binlog_state AS state`;
}

export function sourcePositionFrom(flavour: Flavour, row: SqlRow): Position {
  if (flavour === 'mysql') return { kind: 'mysql-gtid', text: executed(row) };
  // A relay that does not log what it applies knows of that in gtid_slave_pos only.
  const [written, applied] = [String(row['written']), String(row['applied'])];
  const text =
    applied === '' || applied === written
      ? written
      : formatMariadbGtidList(newestOfEach(parseMariadbGtidList(written), parseMariadbGtidList(applied)));
  return { kind: 'mariadb-gtid', text, written, state: String(row['state']) };
}

export function appliedPositionFrom(flavour: Flavour, row: SqlRow, facts: ServerFacts): Position {
  if (flavour === 'mysql') return { kind: 'mysql-gtid', text: executed(row) };
  const own = splitMariadbGtids(String(row['state']))
    .filter(({ server }) => server === facts.serverId)
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`);
  return {
    kind: 'mariadb-gtid',
    text: String(row['applied']),
    own: own.join(','),
    state: String(row['state']),
  };
}

/** The newest GTID of every writer in every domain of the server's own binlog; MySQL: all that it executed. */
export function historyFrom(flavour: Flavour, row: SqlRow): string {
  return flavour === 'mysql' ? executed(row) : String(row['state']);
}

/** MySQL breaks the line after every comma. */
function executed(row: SqlRow): string {
  return String(row['executed']).replaceAll('\n', '');
}
