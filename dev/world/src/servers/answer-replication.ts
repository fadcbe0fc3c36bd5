import type { SqlRow } from '../engine.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

const binlog = 'binlog.000001';

/** Answers what is asked of a source about its positions; null for a statement that is none of these. */
export function answerSource(sql: string, source: Source): SqlRow[] | null {
  if (sql.includes('@@global.gtid_executed')) return [{ executed: source.executed }];
  if (sql.includes('@@global.gtid_binlog_pos')) {
    return [{ written: source.written, applied: '', state: source.written }];
  }
  if (sql.includes('@@global.gtid_owned')) return [{ owned: source.owned }];
  if (/^SHOW (BINARY LOG|MASTER) STATUS$/.test(sql)) return [{ File: binlog, Position: source.end }];
  if (sql.includes('binlog_snapshot_%')) {
    return [
      { Variable_name: 'Binlog_snapshot_file', Value: binlog },
      { Variable_name: 'Binlog_snapshot_position', Value: String(source.shownEnd) },
    ];
  }
  if (sql.includes('semi\\_sync')) {
    return [{ Variable_name: 'Rpl_semi_sync_source_wait_sessions', Value: String(source.waiting) }];
  }
  if (sql.includes('binlog_format')) return [{ Variable_name: 'binlog_format', Value: 'ROW' }];
  return isReplicaStatus(sql) ? [] : null;
}

export interface ChannelSettings {
  flavour: 'mysql' | 'mariadb';
  usesGtid: boolean;
  delayMs: number;
  workers: number;
  sourceUuid: string;
  /** The domain that the channel leaves out (MariaDB). */
  leavesOut: number | null;
  /** There is a channel from another source besides (MariaDB). */
  other: boolean;
}

/** The same of a target. */
export function answerTarget(sql: string, target: Target, settings: ChannelSettings): SqlRow[] | null {
  if (sql.includes('@@global.gtid_executed')) return [{ executed: target.executed(settings.sourceUuid) }];
  if (sql.includes('@@global.gtid_binlog_pos')) {
    return [{ written: '', applied: target.applied, state: target.state }];
  }
  if (isReplicaStatus(sql)) {
    if (settings.flavour === 'mysql') return [mysql(target, settings)];
    const own = mariadb(target, settings);
    return settings.other ? [own, { ...own, ...otherChannel }] : [own];
  }
  if (sql.includes('slave_parallel_threads')) return [{ workers: settings.workers }];
  if (sql.includes('performance_schema.replication_')) return [];
  const triggers = 'slave_run_triggers_for_rbr';
  return sql.includes(triggers) ? [{ Variable_name: triggers, Value: 'NO' }] : null;
}

const otherChannel: SqlRow = {
  Connection_name: 'other',
  Master_Host: 'other.world',
  Master_Server_Id: 3,
  Gtid_IO_Pos: '',
};

function isReplicaStatus(sql: string): boolean {
  return sql === 'SHOW REPLICA STATUS' || sql === 'SHOW ALL SLAVES STATUS';
}

function mysql(target: Target, { usesGtid, delayMs, sourceUuid }: ChannelSettings): SqlRow {
  return {
    ...threads(target, 'Source', 'Replica', delayMs),
    Source_UUID: sourceUuid,
    Source_Server_Id: 1,
    Retrieved_Gtid_Set: target.retrieved > 0 ? `${sourceUuid}:1-${target.retrieved}` : '',
    Auto_Position: usesGtid ? 1 : 0,
    Channel_Name: '',
  };
}

function mariadb(target: Target, { usesGtid, delayMs, leavesOut }: ChannelSettings): SqlRow {
  return {
    ...threads(target, 'Master', 'Slave', delayMs),
    Connection_name: '',
    Master_Server_Id: 1,
    Using_Gtid: usesGtid ? 'Slave_Pos' : 'No',
    Gtid_IO_Pos: target.receivedGtids,
    Replicate_Ignore_Domain_Ids: leavesOut === null ? '' : String(leavesOut),
  };
}

function threads(target: Target, source: string, replica: string, delayMs: number): SqlRow {
  return {
    [`${source}_Host`]: 'source.world',
    [`${source}_Port`]: 3306,
    [`${source}_Log_File`]: binlog,
    [`Read_${source}_Log_Pos`]: target.received,
    [`Relay_${source}_Log_File`]: binlog,
    [`Exec_${source}_Log_Pos`]: target.appliedEnd,
    [`${replica}_IO_Running`]: 'Yes',
    [`${replica}_SQL_Running`]: target.applierRuns ? 'Yes' : 'No',
    [`${replica}_SQL_Running_State`]: target.waitsForWork ? 'waiting for more updates' : 'applying',
    [`Seconds_Behind_${source}`]: target.secondsBehind,
    Last_IO_Errno: 0,
    Last_IO_Error: '',
    Last_SQL_Errno: 0,
    Last_SQL_Error: '',
    SQL_Delay: delayMs / 1000,
    Relay_Log_Space: 1000,
  };
}
