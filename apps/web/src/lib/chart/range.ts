/** The ranges a person can choose, in ms. */
export const ranges = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '24h': 24 * 3_600_000,
  '7d': 7 * 24 * 3_600_000,
  '30d': 30 * 24 * 3_600_000,
} as const;

export type RangeName = keyof typeof ranges;

export const rangeNames = Object.keys(ranges) as [RangeName, ...RangeName[]];

/** What the chart shows: the last so many ms, moving on, or a fixed stretch. Times in ms since 1970. */
export type Span = { live: true; ms: number } | { live: false; from: number; to: number };

/** Less is no stretch of time that samples could fill. */
const leastMs = 1_000;

/** Reads a fixed stretch from the address; null when there is none that makes sense. */
export function fixedSpan(from: string | null, to: string | null): Span | null {
  if (from === null || to === null) return null;
  const span = { live: false as const, from: Date.parse(from), to: Date.parse(to) };
  return span.to - span.from >= leastMs ? span : null;
}

/** Half of `shown`, or twice as much, with `around` where it was, and nothing that is still to come. Ms since 1970. */
export function zoomed(
  shown: { from: number; to: number },
  around: number,
  by: 'in' | 'out',
  now: number,
): { from: number; to: number } {
  const factor = by === 'in' ? 0.5 : 2;
  const length = Math.max(leastMs, (shown.to - shown.from) * factor);
  const share = (around - shown.from) / (shown.to - shown.from);
  const to = Math.min(now, around + length * (1 - share));
  return { from: to - length, to };
}

export function spanLength(span: Span): number {
  return span.live ? span.ms : span.to - span.from;
}
