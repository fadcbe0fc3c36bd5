import type { LagBucket, PairState } from '@lockstep/checks';

/** Nothing is known of the time before. */
const rememberedMs = 24 * 3_600_000;
/** How long the lag has been unknown where it is. */
const gapMs = 12 * 60_000;
/** How long ago it began to fall behind, where it does. */
const climbMs = 40 * 60_000;
const settledMs = 2 * 60_000;

/**
 * A history that ends where the pair is now: a low swell for one that keeps up, a long climb for one that does not, a
 * gap at the end where nothing is known, nothing where nothing was ever measured. The same for the same pair at the
 * same time.
 */
export function lagWave(
  { name, lag, replication, thresholds }: PairState,
  { from, to, maxPoints }: { from: Date; to: Date; maxPoints: number },
): LagBucket[] {
  if (!lag) return [];
  const now = Date.now();
  const width = Math.max(1000, Math.ceil((to.getTime() - from.getTime()) / maxPoints));
  const begin = Math.max(from.getTime(), now - rememberedMs);
  const end = Math.min(to.getTime(), lag.lagMs === null ? now - gapMs : now);
  const phase = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  const buckets: LagBucket[] = [];
  for (let at = Math.floor(begin / width) * width; at < end; at += width) {
    const minutes = at / 60_000 + phase;
    // It ends where the pair is now.
    const fading = lag.lagMs === null ? 1 : Math.min(1, (now - at) / settledMs);
    const swell = (1 + Math.sin(minutes / 7)) * (1 + Math.sin(minutes / 3.1)) * thresholds.warningMs * 0.04;
    const climbed = replication?.attribution === 'intended' ? 1 : Math.max(0, 1 - (now - at) / climbMs);
    const avgMs = Math.round(swell * fading + climbed * (lag.lagMs ?? 0));
    buckets.push({
      from: new Date(at),
      to: new Date(at + width),
      minMs: Math.round(avgMs * 0.8),
      maxMs: Math.round(avgMs * 1.25),
      avgMs,
      samples: Math.max(1, Math.round(width / 1000)),
    });
  }
  return buckets;
}
