import { patienceMs } from '../patience.ts';
import type { ServerHandle } from '../server-handle.ts';
import { dialectOf } from './dialect.ts';

/**
 * Resolves when `target` has applied all that `source` has committed by now. Rejects after `timeoutSeconds`.
 * For targets that replicate from `source`, directly or (with GTIDs) through others.
 */
export async function caughtUp(
  source: ServerHandle,
  target: ServerHandle,
  timeoutSeconds = patienceMs / 1000,
): Promise<void> {
  const [sql, values] = await waitStatement(source, target);
  // On a connection of its own, because it may take long.
  const connection = await target.connect();
  try {
    const [rows] = await connection.query(sql, [...values, timeoutSeconds]);
    const waited = (rows as { waited: number | null }[])[0]?.waited ?? null;
    const reached = sql.includes('POS_WAIT') ? waited !== null && waited >= 0 : waited === 0;
    if (!reached) {
      throw new Error(`the target did not catch up within ${timeoutSeconds} s (${sql}: ${waited})`);
    }
  } finally {
    connection.destroy();
  }
}

async function waitStatement(
  source: ServerHandle,
  target: ServerHandle,
): Promise<[string, (string | number)[]]> {
  const dialect = dialectOf(target);
  if (source.flavour === target.flavour) {
    const gtid = await sourceGtid(source);
    if (gtid !== null) return [dialect.waitForGtid, [gtid]];
  }
  const [status] = await source.query(dialectOf(source).sourceStatus);
  if (!status) throw new Error('the source has no binary log');
  return [dialect.waitForPosition, [String(status['File']), Number(status['Position'])]];
}

async function sourceGtid(source: ServerHandle): Promise<string | null> {
  if (source.flavour === 'mariadb') {
    const [row] = await source.query<{ gtid: string }>('SELECT @@gtid_binlog_pos AS gtid');
    return row?.gtid ?? '';
  }
  const [row] = await source.query<{ mode: string; gtid: string }>(
    'SELECT @@gtid_mode AS mode, @@gtid_executed AS gtid',
  );
  return row?.mode === 'ON' ? row.gtid.replaceAll('\n', '') : null;
}
