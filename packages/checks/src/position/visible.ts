import { type QueryOptions, ServerFault, type SqlRow, type SqlServer } from '../server/sql-server.ts';
import { binlogPlace, binlogStatusStatement, replicaStatusStatement } from './file-row.ts';
import type { Position } from './position.ts';

/**
 * A transaction is in the binlog, and on its way to replicas, before it can be read on its source: for a moment always,
 * and for as long as it takes another replica to acknowledge it where semi-synchronous replication waits for that
 * (`AFTER_SYNC`, the default). A source that hides nothing shows all that it has in its binlog.
 */

/** Up to where in its binlog a MariaDB server shows what it wrote; null when it has no binlog. USAGE is enough. */
export async function readShownPlace(server: SqlServer, options?: QueryOptions): Promise<Position | null> {
  const rows = await server.query(`SHOW GLOBAL STATUS LIKE 'binlog_snapshot_%'`, [], options);
  const value = (name: string) => String(rows.find((row) => row['Variable_name'] === name)?.['Value'] ?? '');
  return binlogPlace({ File: value('Binlog_snapshot_file'), Position: value('Binlog_snapshot_position') });
}

/** The end of a server's binlog; null when it has none, or may not be asked for it. */
export async function readBinlogEnd(server: SqlServer, options?: QueryOptions): Promise<Position | null> {
  if (!server.facts) return null;
  const [row] = await whereAllowed(server.query(binlogStatusStatement(server.facts), [], options));
  return row ? binlogPlace(row) : null;
}

/**
 * The GTIDs that a MySQL server has given out and not committed yet, as a set, '' for none: what it may have sent and
 * does not show, whether it waits for another replica or not. USAGE is enough.
 */
export async function readCommitsInFlight(server: SqlServer, options?: QueryOptions): Promise<string> {
  const [row] = await server.query(inFlightStatement, [], options);
  return inFlightFrom(row);
}

export const inFlightStatement = 'SELECT @@global.gtid_owned AS owned';

/**
 * Each comes with the threads that own it, and nothing parts those of one server from the next one's:
 * `uuid:7#12:8#15uuid:3#9`.
 */
export function inFlightFrom(row: SqlRow | undefined): string {
  return String(row?.['owned'] ?? '')
    .replace(beforeNext, ',')
    .replace(/#\d+|\n/g, '');
}

/** A thread's number, with a server's uuid right behind it, which may begin with figures, too. */
const beforeNext = /#\d+?(?=[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}:)/gi;

/** How many commits wait for another replica to acknowledge them; 0 where replication is asynchronous. */
export async function readWaitingCommits(server: SqlServer, options?: QueryOptions): Promise<number> {
  const rows = await server.query(
    `SHOW GLOBAL STATUS LIKE 'Rpl\\_semi\\_sync\\_%wait\\_sessions'`,
    [],
    options,
  );
  return rows.reduce((sum, row) => sum + Number(row['Value']), 0);
}

/** Whether a server gets transactions of others, as far as it tells; a member of a cluster does, without a channel. */
export async function isReplica(server: SqlServer, options?: QueryOptions): Promise<boolean> {
  if (!server.facts || server.facts.cluster) return true;
  const rows = await whereAllowed(server.query(replicaStatusStatement(server.facts), [], options), [{}]);
  return rows.length > 0;
}

async function whereAllowed(rows: Promise<SqlRow[]>, otherwise: SqlRow[] = []): Promise<SqlRow[]> {
  try {
    return await rows;
  } catch (fault) {
    if (fault instanceof ServerFault && fault.kind === 'privilege') return otherwise;
    throw fault;
  }
}
