import { atLeast } from '../server/flavour.ts';
import type { ServerFacts, SqlRow, SqlValue } from '../server/sql-server.ts';
import { orderOf } from './out-of-order.ts';
import type { BinlogOwner, Position } from './position.ts';
import { replicatedDomains } from './replicated-part.ts';

type BinlogPlace = Extract<Position, { kind: 'file' }>;

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

/** Of a row of `replicaStatusStatement`: the filters by which the channel leaves out domains; '' for none. */
export function domainsOf(row: SqlRow): string {
  return replicatedDomains({
    filters: Object.entries(row).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [{ name, value: String(value) }],
    ),
  });
}

/** Of a row of `binlogStatusStatement`. */
export function binlogPlace(row: SqlRow): Position | null {
  return place(row['File'], row['Position']);
}

/** Of a row of `replicaStatusStatement`: where in the source's binlog the applier is. */
export function appliedPlace(row: SqlRow): Position | null {
  const of = binlogOwner(row);
  const at = place(
    row['Relay_Source_Log_File'] ?? row['Relay_Master_Log_File'],
    row['Exec_Source_Log_Pos'] ?? row['Exec_Master_Log_Pos'],
  );
  return at && of ? { ...at, of } : at;
}

/** Of a row of `replicaStatusStatement`: whom the channel reads from, and how; null where it names nobody. */
export function binlogOwner(row: SqlRow): BinlogOwner | null {
  const host = String(row['Source_Host'] ?? row['Master_Host'] ?? '');
  if (host === '') return null;
  const port = Number(row['Source_Port'] ?? row['Master_Port']);
  const uuid = String(row['Source_UUID'] ?? row['Master_UUID'] ?? '');
  const serverId = String(row['Source_Server_Id'] ?? row['Master_Server_Id'] ?? '0');
  const [mode, using] = [row['Parallel_Mode'], row['Using_Gtid']];
  const parallelMode = mode === undefined || mode === null ? undefined : String(mode);
  const order = orderOf({ usesGtid: using !== undefined && using !== 'No', parallelMode });
  return { host, port, identity: uuid || (serverId === '0' ? null : serverId), ...(order && { order }) };
}

function place(file: SqlValue | undefined, offset: SqlValue | undefined): BinlogPlace | null {
  const name = String(file ?? '');
  if (name === '') return null;
  return { kind: 'file', text: `${name}:${String(offset)}`, file: name, offset: Number(offset) };
}
