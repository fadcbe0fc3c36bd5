import { countMissing, relate } from '../position/contains.ts';
import type { Position } from '../position/position.ts';
import type { Clock } from '../time/clock.ts';
import { StandStill } from '../time/stand-still.ts';
import { type LagRange, measureLag } from './measure-lag.ts';
import type { PositionSample } from './position-sample.ts';
import { recordIn } from './source-watermarks.ts';
import { type Unapplied, UnappliedQueue } from './unapplied-queue.ts';
import { WatermarkRing } from './watermark-ring.ts';

/** How far a member is behind what all members had. */
export interface BehindGroup {
  range: LagRange;
  applied: Position;
  /** Who had the oldest of what is missing; itself where it received it; null where nothing is. */
  holder: string | null;
  /** How many changes are missing; null when that cannot be told. */
  behind: number | null;
}

export interface GroupLagOptions {
  clock: Clock;
  /** Who has not been asked for longer than this says nothing of now. */
  staleMs: number;
}

/**
 * A group has no source: what any member had, the others are to have. So each member's watermarks are kept, with what
 * it has received and not applied, and a member is as far behind as by those of them that are the worst.
 */
export class GroupLag {
  readonly #options: GroupLagOptions;
  readonly #rings = new Map<string, WatermarkRing>();
  readonly #queues = new Map<string, UnappliedQueue>();
  /** Of the last look at each. */
  readonly #unapplied = new Map<string, Unapplied | null>();
  readonly #standStill: StandStill;

  constructor(options: GroupLagOptions) {
    this.#options = options;
    this.#standStill = new StandStill(options.clock);
  }

  forget(server: string): void {
    this.#rings.delete(server);
    this.#queues.delete(server);
    this.#unapplied.delete(server);
  }

  /** What a member had at a look, if it takes part in its group. */
  record(server: string, sample: PositionSample): void {
    if (this.#standStill.noticed()) {
      this.#rings.clear();
      this.#queues.clear();
    }
    let queue = this.#queues.get(server);
    if (!queue) this.#queues.set(server, (queue = new UnappliedQueue()));
    this.#unapplied.set(server, queue.take(sample));
    const { membership } = sample;
    const head = membership?.received ?? membership?.position;
    if (!head) return;
    let ring = this.#rings.get(server);
    if (!ring) this.#rings.set(server, (ring = new WatermarkRing()));
    recordIn(ring, head, sample);
  }

  /** When a member was last known to have no more than its newest watermark; null: never. */
  lastSentAt(server: string): number | null {
    return this.#rings.get(server)?.newest?.lastSentAt ?? null;
  }

  /**
   * `peers`: whose changes count, itself included; `server`: whose look it is, where it was the last that was recorded.
   * Null while the member has no position, or nobody's is known.
   */
  measure(sample: PositionSample, peers: readonly string[], server?: string): BehindGroup | null {
    const applied = sample.membership?.position;
    if (!applied) return null;
    let worst: BehindGroup | null = null;
    for (const peer of peers) {
      const ring = this.#rings.get(peer);
      const newest = ring?.newest;
      if (!ring || !newest || sample.receivedAt - newest.lastSentAt > this.#options.staleMs) continue;
      const range = measureLag(
        ring,
        { position: applied, sentAt: sample.sentAt, receivedAt: sample.receivedAt },
        (wanted) => relate(applied, wanted) === 'has',
        (wanted) => relate(applied, wanted) === 'lacks',
      );
      if (!range) continue;
      const found: BehindGroup = {
        range,
        applied,
        holder: range.missing ? peer : null,
        behind: range.missing ? numberOf(countMissing(applied, newest.position)) : 0,
      };
      worst = worst ? worseOf(worst, found) : found;
    }
    if (!worst || server === undefined) return worst;
    const unapplied = this.#unapplied.get(server) ?? null;
    return unapplied ? withUnapplied(worst, unapplied, { server, sample }) : worst;
  }
}

/** It lacks what waits in its queue as well, be it that nobody is watched who has that. */
function withUnapplied(
  found: BehindGroup,
  { lagMs, atMostMs }: Unapplied,
  { server, sample }: { server: string; sample: PositionSample },
): BehindGroup {
  const { range, applied, holder } = found;
  const most = atMostMs === null || range.atMostMs === null ? null : Math.max(atMostMs, range.atMostMs);
  if (holder !== null) return { ...found, range: { ...range, atMostMs: most } };
  // How many of what waits are changes is not told.
  if (lagMs === 0) return { ...found, range: { ...range, atMostMs: most }, behind: null };
  const since = { position: applied, firstReceivedAt: sample.sentAt - lagMs, lastSentAt: sample.sentAt };
  return { range: { lagMs, atMostMs: most, missing: since }, applied, holder: server, behind: null };
}

/** Both are so: it lacks what is missing by either, and nothing older than by both. */
function worseOf(a: BehindGroup, b: BehindGroup): BehindGroup {
  const worse = isWorse(b.range, a.range) ? b : a;
  const atMostMs =
    a.range.atMostMs === null || b.range.atMostMs === null
      ? null
      : Math.max(a.range.atMostMs, b.range.atMostMs);
  const behind = a.behind === null || b.behind === null ? null : Math.max(a.behind, b.behind);
  return { ...worse, range: { ...worse.range, atMostMs }, behind };
}

function isWorse(a: LagRange, b: LagRange): boolean {
  if ((a.missing === null) !== (b.missing === null)) return a.missing !== null;
  return a.lagMs > b.lagMs;
}

function numberOf(count: bigint | null): number | null {
  return count === null ? null : Number(count);
}
