import { atLeast } from '../server/flavour.ts';
import type { ServerFacts, SqlRow, SqlValue } from '../server/sql-server.ts';
import type { Position } from './position.ts';

/** Needs REPLICATION CLIENT (MySQL) or BINLOG MONITOR (MariaDB). No row: the binary log is off. */
export function binlogStatusStatement({ flavour, version }: ServerFacts): string {
  return flavour === 'mysql' && atLeast(version, [8, 2, 0]) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
}

/** All channels. Needs REPLICATION CLIENT (MySQL) or SLAVE MONITOR (MariaDB). */
export function replicaStatusStatement({ flavour, version }: ServerFacts): string {
  if (flavour === 'mariadb') return 'SHOW ALL SLAVES STATUS';
  return atLeast(version, [8, 0, 22]) ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS';
}

/** Of a row of `replicaStatusStatement`; '' is the default channel. */
export function channelName(row: SqlRow): string {
  return String(row['Connection_name'] ?? row['Channel_Name'] ?? '');
}

/** Of a row of `binlogStatusStatement`. */
export function binlogPlace(row: SqlRow): Position | null {
  return place(row['File'], row['Position']);
}

/** Of a row of `replicaStatusStatement`: where in the source's binlog the applier is. */
export function appliedPlace(row: SqlRow): Position | null {
  return place(
    row['Relay_Source_Log_File'] ?? row['Relay_Master_Log_File'],
    row['Exec_Source_Log_Pos'] ?? row['Exec_Master_Log_Pos'],
  );
}

function place(file: SqlValue | undefined, offset: SqlValue | undefined): Position | null {
  const name = String(file ?? '');
  if (name === '') return null;
  return { kind: 'file', text: `${name}:${String(offset)}`, file: name, offset: Number(offset) };
}
