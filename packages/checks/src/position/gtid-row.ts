import type { Flavour } from '../model/server.ts';
import { atLeast } from '../server/flavour.ts';
import { wsrepGtidOf } from '../server/session.ts';
import type { ServerFacts, SqlRow } from '../server/sql-server.ts';
import {
  formatMariadbGtidList,
  newestOfEach,
  parseMariadbGtidList,
  splitMariadbGtids,
} from './mariadb-gtid-list.ts';
import { formatMysqlGtidSet, parseMysqlGtidSet, unionMysqlGtidSet } from './mysql-gtid-set.ts';
import type { Position } from './position.ts';
import { inFlightFrom } from './visible.ts';

/** One statement, one row: a server's GTID position as a source and as a target. USAGE is enough for it. */
export function gtidStatement(flavour: Flavour): string {
  return flavour === 'mysql'
    ? 'SELECT @@global.gtid_executed AS executed, @@global.gtid_mode AS mode'
    : `SELECT @@global.gtid_binlog_pos AS written, @@global.gtid_slave_pos AS applied,
       @@global.gtid_binlog_state AS state, @@global.slave_parallel_threads AS threads`;
}

/**
 * The same of a MySQL server, with what it is committing, which is asked for first: what is committed since is in the
 * position. A transaction is counted when all are committed that were written with it, and seen as soon as it is
 * itself: seconds before, where another one of them filled a full-text index.
 */
export const shownStatement =
  'SELECT @@global.gtid_owned AS owned, @@global.gtid_executed AS executed, @@global.gtid_mode AS mode';

/** Of a row of `shownStatement`. */
export function shownPositionFrom(row: SqlRow): MysqlPosition {
  const position = mysqlPosition(row);
  const committing = parseMysqlGtidSet(inFlightFrom(row));
  if (committing.size === 0) return position;
  const all = unionMysqlGtidSet(parseMysqlGtidSet(position.text), committing);
  return { ...position, text: formatMysqlGtidSet(all), committing: formatMysqlGtidSet(committing) };
}

/** Throws Unparsable, as do the others: what is no position must not get any further than the reading of it. */
export function sourcePositionFrom(flavour: Flavour, row: SqlRow): Position {
  if (flavour === 'mysql') {
    return mysqlPosition(row);
  }
  const [written, applied, state] = [list(row, 'written'), list(row, 'applied'), list(row, 'state')];
  // A relay that does not log what it applies knows of that in gtid_slave_pos only.
  const text =
    applied === '' || applied === written
      ? written
      : formatMariadbGtidList(newestOfEach(parseMariadbGtidList(written), parseMariadbGtidList(applied)));
  const unlogged = unloggedIn(row, text);
  return { kind: 'mariadb-gtid', text, written, state, ...(unlogged !== '' && { unlogged }) };
}

export function appliedPositionFrom(flavour: Flavour, row: SqlRow, facts: ServerFacts): Position {
  if (flavour === 'mysql') return mysqlPosition(row);
  const state = list(row, 'state');
  const own = splitMariadbGtids(state)
    .filter(({ server }) => server === facts.serverId)
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`);
  return {
    kind: 'mariadb-gtid',
    text: list(row, 'applied'),
    own: own.join(','),
    state,
  };
}

/**
 * The same of a node of a Galera cluster, with how it numbers its binlog, which can be changed while it runs: by what
 * it told at first, numbers of one history would be taken for those of another. And with the last number of the cluster
 * that it gave to a commit, which is not in its binlog yet, or never: what is written with `sql_log_bin = 0` comes to
 * the other nodes all the same, and stands in their binlogs alone.
 */
export function nodeGtidStatement({ flavour, version }: Pick<ServerFacts, 'flavour' | 'version'>): string {
  const statement = gtidStatement(flavour);
  if (flavour === 'mysql') return statement;
  const asked = statement.replace('SELECT', atLeast(version, [10, 5, 1]) ? `SELECT ${seen},` : 'SELECT');
  return `${asked}, ${numbering.map((name) => `@@global.${name} AS ${name}`).join(', ')}`;
}

/** Where each node numbers by itself it is a number that stands in no binlog. */
const seen = `IF(@@global.wsrep_gtid_mode, CONVERT(WSREP_LAST_SEEN_GTID() USING utf8), '') AS seen`;

/** '' where the node's binlog has that, or where there is none; and where others' numbers came since in that domain. */
function unloggedIn({ seen }: SqlRow, text: string): string {
  const logged = parseMariadbGtidList(text);
  return splitMariadbGtids(String(seen ?? ''))
    .filter(({ domain, server, sequence }) => {
      const last = logged.get(domain);
      return last ? last.server === server && last.sequence < sequence : sequence > 0n;
    })
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
    .join(',');
}

const numbering = ['wsrep_gtid_mode', 'wsrep_gtid_domain_id', 'gtid_domain_id'];

/** How a node numbers, as of this very look; undefined where it was not asked. */
export function numberingFrom(row: SqlRow): ServerFacts['wsrepGtid'] | undefined {
  if (row['wsrep_gtid_mode'] === undefined) return undefined;
  return wsrepGtidOf(new Map(numbering.map((name) => [name, String(row[name])])));
}

/** With how many parallel appliers a MariaDB target is to apply; null where it was not told. */
export function appliersFrom(row: SqlRow): number | null {
  const threads = row['threads'];
  return threads === undefined || threads === null ? null : Number(threads);
}

/** The newest GTID of every writer in every domain of the server's own binlog; MySQL: all that it executed. */
export function historyFrom(flavour: Flavour, row: SqlRow): string {
  return flavour === 'mysql' ? executed(row) : list(row, 'state');
}

type MysqlPosition = Extract<Position, { kind: 'mysql-gtid' }>;

function mysqlPosition(row: SqlRow): MysqlPosition {
  // Asked for at every look: it can be changed while the server runs.
  const mode = String(row['mode'] ?? 'ON');
  return { kind: 'mysql-gtid', text: executed(row), ...(mode !== 'ON' && { mode }) };
}

/** MySQL breaks the line after every comma. */
function executed(row: SqlRow): string {
  const text = String(row['executed']).replaceAll('\n', '');
  parseMysqlGtidSet(text);
  return text;
}

function list(row: SqlRow, column: 'written' | 'applied' | 'state'): string {
  const text = String(row[column]);
  splitMariadbGtids(text);
  return text;
}
