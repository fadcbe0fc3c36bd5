import { ServerFault, type SqlRow } from '../server/sql-server.ts';
import { formatDuration } from '../time/duration.ts';

/** A server of an Aurora cluster, as the cluster tells of it. */
export interface AuroraMember {
  /** Its `aurora_server_id`. */
  instance: string;
  /** How far it shows the storage behind the writer, by Aurora's own word; null where that says nothing. */
  lagMs: number | null;
  /** When it said so, by the cluster's clock. */
  toldAt: string;
}

export const auroraStatement =
  'SELECT SERVER_ID AS instance, REPLICA_LAG_IN_MILLISECONDS AS lagMs, LAST_UPDATE_TIMESTAMP AS told FROM information_schema.replica_host_status';

export function auroraMembers(rows: SqlRow[]): AuroraMember[] {
  return rows.map(({ instance, lagMs: ms, told }) => {
    const lagMs = Number(ms ?? NaN);
    return { instance: String(instance), lagMs: Number.isFinite(lagMs) ? lagMs : null, toldAt: String(told) };
  });
}

/** `ER_UNKNOWN_TABLE` (in information_schema), `ER_NO_SUCH_TABLE`. */
const noSuchTable = new Set([1109, 1146]);

/** What a server cannot tell of its cluster is not known, and costs nothing else. */
export function auroraUntold(fault: unknown): AuroraMember[] {
  if (fault instanceof ServerFault && (fault.kind === 'privilege' || noSuchTable.has(fault.errno))) return [];
  throw fault;
}

/** For a sentence, after what a reader is; '' where Aurora says nothing of it. */
export function auroraFigure(members: readonly AuroraMember[], instance: string | undefined): string {
  const { lagMs = null, toldAt = '' } = members.find((member) => member.instance === instance) ?? {};
  return lagMs === null ? '' : `; Aurora's own figure of its lag is ${formatDuration(lagMs)}, of ${toldAt}`;
}
