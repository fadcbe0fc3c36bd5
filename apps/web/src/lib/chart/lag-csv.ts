import { csv } from '#lib/format/csv.ts';
import type { LagSeries } from './lag-series.ts';

/** Every known bin of the series; times in UTC, lag in ms. Gaps have no line. */
export function lagCsv(series: LagSeries): string {
  const rows = Array.from({ length: series.length }, (_, i) => {
    const { from, to, min, avg, max, samples } = series.at(i);
    return [
      new Date(from).toISOString(),
      new Date(to).toISOString(),
      min,
      Math.round(avg * 10) / 10,
      max,
      samples,
    ];
  });
  return csv([['from', 'to', 'lag_min_ms', 'lag_avg_ms', 'lag_max_ms', 'samples'], ...rows]);
}
