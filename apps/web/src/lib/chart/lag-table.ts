import type { LagSeries } from './lag-series.ts';

export interface LagTableRow {
  /** Ms since 1970. */
  from: number;
  to: number;
  /** Null: nothing was known. */
  lag: { min: number; max: number; avg: number } | null;
}

/** The chart in about `wanted` rows, for those who read it instead of seeing it. Newest first. */
export function lagTable(series: LagSeries, from: number, to: number, wanted: number): LagTableRow[] {
  const step = Math.max(series.binMs, Math.ceil((to - from) / wanted / series.binMs) * series.binMs);
  const first = Math.floor(from / step) * step;
  const rows: LagTableRow[] = [];
  for (let at = first; at < to; at += step) rows.push({ from: at, to: Math.min(to, at + step), lag: null });
  const weights = new Map<LagTableRow, number>();
  for (let i = 0; i < series.length; i += 1) {
    const bin = series.at(i);
    const row = rows[Math.floor((bin.from - first) / step)];
    if (!row) continue;
    const before = weights.get(row) ?? 0;
    weights.set(row, before + bin.samples);
    row.lag = {
      min: Math.min(row.lag?.min ?? Infinity, bin.min),
      max: Math.max(row.lag?.max ?? 0, bin.max),
      avg: ((row.lag?.avg ?? 0) * before + bin.avg * bin.samples) / (before + bin.samples),
    };
  }
  return rows.reverse();
}
