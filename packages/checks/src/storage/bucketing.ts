import { EngineRequestError } from '../request-error.ts';

const MINUTE = 60_000;

export interface HistoryRange {
  from: Date;
  to: Date;
  maxPoints: number;
}

export interface Bucketing {
  /** Read the per-minute table, which is exact for buckets of whole minutes. */
  byMinute: boolean;
  /** Bucket n reaches from n · width to (n + 1) · width, counted from 1970: a moving range keeps its buckets. */
  widthMs: number;
  /** The whole buckets that touch the range. */
  firstMs: number;
  endMs: number;
}

/**
 * How to answer a range with at most `maxPoints` whole buckets (two for one point), as fine as that allows. Null for
 * an empty range. Throws EngineRequestError for no points or an instant that is none.
 */
export function bucketing(range: HistoryRange, rawSince: number): Bucketing | null {
  const from = range.from.getTime();
  const to = range.to.getTime();
  const points = Math.trunc(range.maxPoints);
  if (Number.isNaN(from) || Number.isNaN(to)) {
    throw new EngineRequestError('INVALID', 'the range has no valid from and to');
  }
  if (!(points >= 1)) {
    throw new EngineRequestError('INVALID', `maxPoints must be at least 1, not ${range.maxPoints}`);
  }
  if (to <= from) return null;

  // Whole buckets reach over both ends, which takes one bucket more than the range itself.
  const width = Math.ceil((to - from) / Math.max(1, points - 1));
  const byMinute = width >= MINUTE || from < rawSince;
  const widthMs = byMinute ? Math.ceil(width / MINUTE) * MINUTE : width;
  return {
    byMinute,
    widthMs,
    firstMs: Math.floor(from / widthMs) * widthMs,
    endMs: Math.ceil(to / widthMs) * widthMs,
  };
}
