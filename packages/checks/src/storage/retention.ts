import type { StorageConfig } from '../config.ts';
import type { Database } from './database.ts';
import { tableKey } from './write-buffer.ts';

/** Whatever somebody does all day long, the file has no more entries of who did what; the newest stay. */
export const mostAudit = 100_000;

/**
 * Deletes at most about `budget` rows that are older than the configuration wants, in one short transaction: a large
 * backlog goes in many steps, none of which holds up the samplers. Answers how many rows went; throws what the
 * database says.
 */
export function deleteOld(
  db: Database,
  { config, resultsMs = config.historyMs }: { config: StorageConfig; resultsMs?: number },
  now: number,
  budget: number,
): number {
  let left = budget;
  const take = (sql: string, before: number) => {
    if (left > 0) left -= db.run(`${sql} LIMIT CAST(? AS INTEGER))`, before, left);
  };
  const historyBefore = now - config.historyMs;

  db.transaction(() => {
    for (const { id } of db.all<{ id: number }>('SELECT id FROM main.pair')) {
      const ofPair = (table: string, time: string) =>
        `DELETE FROM main.${table} WHERE pair_id = ${id} AND ${time} IN (
           SELECT ${time} FROM main.${table} WHERE pair_id = ${id} AND ${time} < ?`;
      take(ofPair('lag', 'at'), now - config.rawLagMs);
      take(ofPair('lag_minute', 'minute'), Math.floor((now - config.minuteLagMs) / 60_000));
    }
    const old = (table: string, condition: string) =>
      `DELETE FROM main.${table} WHERE rowid IN (SELECT rowid FROM main.${table} WHERE ${condition}`;
    take(old('event', 'at < ?'), historyBefore);
    // A run that never ended belongs to a process that was killed; one that ended late is kept until then.
    take(old('run', 'started_at < ?1 AND (finished_at IS NULL OR finished_at < ?1)'), historyBefore);
    take(old('result_line', 'finished_at < ?'), historyBefore);
    take(old('alert', 'resolved_at < ?'), historyBefore);
    take(old('silence', 'ended_at < ?'), historyBefore);
    take(old('session', 'expires_at < ?'), now);
    take(old('audit', 'at < ?'), now - (config.auditMs ?? config.historyMs));
    take(old('audit', 'at < ?'), surplusAuditBefore(db));
    take(old('checkpoint', 'body IS NULL AND at < ?'), now);
    take(old('checkpoint', 'at < ?'), historyBefore);
    take(old('delivery', 'ended_at < ?'), historyBefore);
    // Each with its rows, which count: they may be thousands, and whoever looks for rows of no result reads all.
    const oldest = db.all<Record<string, string>>(
      `SELECT ${tableKey} FROM main.result WHERE finished_at < ? ORDER BY finished_at LIMIT CAST(? AS INTEGER)`,
      now - resultsMs,
      Math.max(0, left),
    );
    for (const result of oldest) {
      if (left <= 0) break;
      for (const table of ['difference', 'result']) {
        left -= db.run(
          `DELETE FROM main.${table} WHERE (${tableKey}) = (?, ?, ?, ?)`,
          ...Object.values(result),
        );
      }
    }
  });
  return budget - left;
}

function surplusAuditBefore(db: Database): number {
  const [oldestKept] = db.all<{ at: number }>(
    `SELECT at FROM main.audit ORDER BY at DESC LIMIT 1 OFFSET ${mostAudit - 1}`,
  );
  return oldestKept?.at ?? 0;
}

/** The time of what was written last, in ms since 1970; null of an empty file, or where that cannot be read. */
export function writtenLast(db: Database): number | null {
  try {
    const [last] = db.all<{ at: number | null }>(
      `SELECT max(at) AS at FROM (
         SELECT max(at) AS at FROM main.event
         UNION ALL SELECT max(started_at) FROM main.run
         UNION ALL SELECT (SELECT max(at) FROM main.lag WHERE pair_id = pair.id) FROM main.pair)`,
    );
    return last?.at ?? null;
  } catch {
    // Damaged: whoever reads it for a person says so.
    return null;
  }
}
