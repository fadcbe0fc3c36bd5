import { atLeast } from '../server/flavour.ts';
import {
  ServerFault,
  type QueryOptions,
  type ServerFacts,
  type SqlRow,
  type SqlServer,
  type SqlValue,
} from '../server/sql-server.ts';
import { formatMariadbGtidList, newestOfEach, parseMariadbGtidList } from './mariadb-gtid-list.ts';
import type { Position, PositionKind } from './position.ts';

/** How far the server's own data has come, to be waited for on targets; null when it keeps no such position. */
export async function readSourcePosition(
  server: SqlServer,
  kind: PositionKind,
  options?: QueryOptions,
): Promise<Position | null> {
  if (kind === 'file') {
    const [row] = await server.query(binlogStatusStatement(factsOf(server)), [], options);
    return row ? filePosition(row['File'], row['Position']) : null;
  }
  const [row] = await server.query(gtidStatement(kind), [], options);
  return row ? sourcePositionFrom(kind, row) : null;
}

/**
 * How far the target has applied what it replicates. `channel` matters for `file` only ('' is the default channel);
 * null when there is no such channel.
 */
export async function readAppliedPosition(
  target: SqlServer,
  kind: PositionKind,
  channel = '',
  options?: QueryOptions,
): Promise<Position | null> {
  if (kind === 'file') {
    const rows = await target.query(replicaStatusStatement(factsOf(target)), [], options);
    const row = rows.find((row) => channelName(row) === channel);
    return row ? appliedFilePosition(row) : null;
  }
  const [row] = await target.query(gtidStatement(kind), [], options);
  return row ? appliedPositionFrom(kind, row, factsOf(target)) : null;
}

/** One statement tells a server's position both as a source and as a target. USAGE is enough for it. */
export function gtidStatement(kind: Exclude<PositionKind, 'file'>): string {
  return kind === 'mysql-gtid'
    ? 'SELECT @@global.gtid_executed AS executed'
    : 'SELECT @@global.gtid_binlog_pos AS written, @@global.gtid_slave_pos AS applied';
}

export function sourcePositionFrom(kind: Exclude<PositionKind, 'file'>, row: SqlRow): Position {
  if (kind === 'mysql-gtid') return { kind, text: mysqlText(row) };
  // A relay that does not log what it applies knows of that in gtid_slave_pos only.
  const [written, applied] = [String(row['written']), String(row['applied'])];
  if (applied === '' || applied === written) return { kind, text: written };
  const both = newestOfEach(parseMariadbGtidList(written), parseMariadbGtidList(applied));
  return { kind, text: formatMariadbGtidList(both) };
}

export function appliedPositionFrom(
  kind: Exclude<PositionKind, 'file'>,
  row: SqlRow,
  facts: ServerFacts,
): Position {
  if (kind === 'mysql-gtid') return { kind, text: mysqlText(row) };
  const own = String(row['written'])
    .split(',')
    .filter((gtid) => gtid.split('-')[1] === facts.serverId)
    .join(',');
  return { kind, text: String(row['applied']), own };
}

/** Needs REPLICATION CLIENT (MySQL) or BINLOG MONITOR (MariaDB). */
export function binlogStatusStatement({ flavour, version }: ServerFacts): string {
  return flavour === 'mysql' && atLeast(version, [8, 2, 0]) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
}

/** All channels. Needs REPLICATION CLIENT (MySQL) or SLAVE MONITOR (MariaDB ≥ 10.5.9). */
export function replicaStatusStatement({ flavour, version }: ServerFacts): string {
  if (flavour === 'mariadb') return 'SHOW ALL SLAVES STATUS';
  return atLeast(version, [8, 0, 22]) ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS';
}

/** Of a row of `replicaStatusStatement`. */
export function channelName(row: SqlRow): string {
  return String(row['Connection_name'] ?? row['Channel_Name'] ?? '');
}

/** Of a row of `replicaStatusStatement`: where in the source's binlog the applier is. */
export function appliedFilePosition(row: SqlRow): Position | null {
  return filePosition(
    row['Relay_Source_Log_File'] ?? row['Relay_Master_Log_File'],
    row['Exec_Source_Log_Pos'] ?? row['Exec_Master_Log_Pos'],
  );
}

function filePosition(file: SqlValue | undefined, offset: SqlValue | undefined): Position | null {
  const name = String(file ?? '');
  if (name === '') return null;
  return { kind: 'file', text: `${name}:${String(offset)}`, file: name, offset: Number(offset) };
}

function mysqlText(row: SqlRow): string {
  return String(row['executed']).replaceAll('\n', '');
}

function factsOf(server: SqlServer): ServerFacts {
  if (!server.facts) throw new ServerFault('connection', server.name, `${server.name} was never connected`);
  return server.facts;
}
