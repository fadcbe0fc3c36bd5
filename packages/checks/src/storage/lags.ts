import type { LagBucket, LagSample } from '../model/lag.ts';
import { bucketing, type HistoryRange } from './bucketing.ts';
import type { Database } from './database.ts';

interface BucketRow {
  bucket: number;
  min_ms: number;
  max_ms: number;
  sum_ms: number;
  samples: number;
}

export class Lags {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** What is unknown writes nothing and stays a gap. */
  record(sample: LagSample): number {
    if (sample.lagMs === null) return 0;
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_lag VALUES (?, ?, ?)',
      sample.pair,
      sample.at.getTime(),
      sample.lagMs,
    );
  }

  /** `rawSince`: before that there are minutes only. */
  history(pair: string, range: HistoryRange, rawSince: number): LagBucket[] {
    const buckets = bucketing(range, rawSince);
    if (buckets === null) return [];
    const { widthMs, firstMs, endMs } = buckets;
    // Numbers are bound as REAL: without the casts nothing would fall into buckets.
    const stored = buckets.byMinute
      ? `SELECT minute * 60000 / CAST(?1 AS INTEGER) AS bucket, min_ms, max_ms, sum_ms, samples
         FROM main.lag_minute WHERE pair_id = (SELECT id FROM main.pair WHERE name = ?2)
         AND minute >= CAST(?3 AS INTEGER) / 60000 AND minute < CAST(?4 AS INTEGER) / 60000`
      : `SELECT at / CAST(?1 AS INTEGER) AS bucket, ms AS min_ms, ms AS max_ms, ms AS sum_ms, 1 AS samples
         FROM main.lag WHERE pair_id = (SELECT id FROM main.pair WHERE name = ?2)
         AND at >= ?3 AND at < ?4`;
    const rows = this.#db.readAll<BucketRow>(
      `SELECT bucket, min(min_ms) AS min_ms, max(max_ms) AS max_ms, sum(sum_ms) AS sum_ms, sum(samples) AS samples
       FROM (
         ${stored}
         UNION ALL
         SELECT at / CAST(?1 AS INTEGER), ms, ms, ms, 1
         FROM temp.new_lag WHERE pair = ?2 AND at >= ?3 AND at < ?4
       )
       GROUP BY bucket ORDER BY bucket`,
      widthMs,
      pair,
      firstMs,
      endMs,
    );
    const history = rows.map(({ bucket, min_ms, max_ms, sum_ms, samples }) => ({
      from: new Date(bucket * widthMs),
      to: new Date((bucket + 1) * widthMs),
      minMs: min_ms,
      maxMs: max_ms,
      avgMs: sum_ms / samples,
      samples,
    }));
    return history.length > range.maxPoints ? [merged(history)] : history;
  }
}

/** One point was asked for, and the range lies across the border of two buckets. */
function merged(buckets: LagBucket[]): LagBucket {
  const samples = buckets.reduce((sum, bucket) => sum + bucket.samples, 0);
  return {
    from: new Date(Math.min(...buckets.map(({ from }) => from.getTime()))),
    to: new Date(Math.max(...buckets.map(({ to }) => to.getTime()))),
    minMs: Math.min(...buckets.map(({ minMs }) => minMs)),
    maxMs: Math.max(...buckets.map(({ maxMs }) => maxMs)),
    avgMs: buckets.reduce((sum, bucket) => sum + bucket.avgMs * bucket.samples, 0) / samples,
    samples,
  };
}
