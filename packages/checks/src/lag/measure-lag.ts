import type { Position } from '../position/position.ts';
import type { Watermark, WatermarkRing } from './watermark-ring.ts';

/** What a target had applied, and when it was asked and answered, on the same clock as the watermarks. */
export interface AppliedAt {
  position: Position;
  sentAt: number;
  receivedAt: number;
}

/** The lag is at least `lagMs` and at most `atMostMs` (null: no bound known, the watermarks do not go back so far). */
export interface LagRange {
  lagMs: number;
  atMostMs: number | null;
  /** The oldest watermark that the target has not; null when it has all. */
  missing: Watermark | null;
}

/**
 * How old the newest change is that the target does not have: the watermark model.
 *
 * The oldest missing change came into being after the newest watermark that the target has was last seen, and before
 * the oldest watermark that it has not was first seen. Both moments and "now" are on Lockstep's own monotonic clock,
 * so no server's clock takes part. Which it has and which it lacks is asked apart, since of some the position may say
 * nothing. Null while there is no watermark.
 */
export function measureLag(
  ring: WatermarkRing,
  applied: AppliedAt,
  has: (wanted: Position) => boolean,
  lacks?: (wanted: Position) => boolean,
): LagRange | null {
  const { newest } = ring;
  if (!newest) return null;
  const since = ring.missingSince(has, lacks);
  if (!since) {
    return { lagMs: 0, atMostMs: Math.max(0, applied.receivedAt - newest.lastSentAt), missing: null };
  }
  const { contained, missing } = since;
  // Below zero when the source was asked after the target: then nothing is known to have been missing yet.
  const lagMs = Math.max(0, applied.sentAt - missing.firstReceivedAt);
  return {
    lagMs,
    atMostMs: contained && Math.max(lagMs, applied.receivedAt - contained.lastSentAt),
    missing,
  };
}
