import { type Position, samePosition } from '../position/position.ts';
import { PackedWatermarks } from './packed-watermarks.ts';

/**
 * A position that a source was seen at, on Lockstep's monotonic clock in ms. The source had it at some moment before
 * `firstReceivedAt`, and still had it, unchanged, after `lastSentAt`.
 */
export interface Watermark {
  position: Position;
  /** When the first answer that showed it had arrived. */
  firstReceivedAt: number;
  /** When the last question that it answered was sent. */
  lastSentAt: number;
}

/** What a target's position says about a ring: everything missing there came into being within (notBefore, before]. */
export interface MissingSince {
  /** The newest watermark that the target has; null when it has none of them. */
  contained: Watermark | null;
  /** The oldest watermark that the target has not. */
  missing: Watermark;
}

export interface WatermarkRingOptions {
  maxEntries?: number;
  maxTextBytes?: number;
}

/** So many are packed together. */
const packOf = 64;

/**
 * Where a source was when, in bounded memory for any length of time.
 *
 * Full, it drops entries. That never makes an answer wrong, only wider: whatever lies between two neighbours that are
 * left came into being between them. Old entries are dropped more freely than young ones, in proportion to their age,
 * so after a day of stopped replication the answer is still right to about a percent.
 */
export class WatermarkRing {
  /** All but the newest ones, … */
  #packed: PackedWatermarks[] = [];
  /** … each but the last of which has `packOf`. */
  #young: Watermark[] = [];
  #textBytes = 0;
  readonly #maxEntries: number;
  readonly #maxTextBytes: number;

  constructor({ maxEntries = 4096, maxTextBytes = 4 * 2 ** 20 }: WatermarkRingOptions = {}) {
    this.#maxEntries = maxEntries;
    this.#maxTextBytes = maxTextBytes;
  }

  get length(): number {
    return this.#packedLength + this.#young.length;
  }

  get newest(): Watermark | null {
    return this.#young.at(-1) ?? null;
  }

  /** Takes in an answer: sent and received at these times. Only changes make an entry. */
  record(position: Position, sentAt: number, receivedAt: number): void {
    const { newest } = this;
    if (newest && samePosition(newest.position, position)) {
      newest.lastSentAt = sentAt;
      return;
    }
    // The newest is never packed: it may be seen again.
    if (this.#young.length >= packOf) {
      this.#packed.push(new PackedWatermarks(this.#young));
      this.#young = [];
    }
    this.#young.push({ position, firstReceivedAt: receivedAt, lastSentAt: sentAt });
    this.#textBytes += bytes(position);
    if (this.length > this.#maxEntries || this.#textBytes > this.#maxTextBytes) {
      this.#thin(receivedAt);
    }
  }

  clear(): void {
    this.#packed = [];
    this.#young = [];
    this.#textBytes = 0;
  }

  get #packedLength(): number {
    return this.#packed.length * packOf;
  }

  /**
   * Null when the target has everything. `has` must be monotone: who has a watermark has all older ones; and `lacks`
   * the other way round, true of the newest. Of those between it may be unknown which they are.
   */
  missingSince(
    has: (position: Position) => boolean,
    lacks = (position: Position): boolean => !has(position),
  ): MissingSince | null {
    const newest = this.newest;
    if (!newest || has(newest.position)) return null;
    const first = this.#first((position) => !has(position), 0);
    return {
      contained: first === 0 ? null : this.#at(first - 1),
      missing: this.#at(this.#first(lacks, first)),
    };
  }

  /** The first entry, from one on, of which something is true that is true of all that follow, and of the newest. */
  #first(is: (position: Position) => boolean, from: number): number {
    let low = from;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (is(this.#at(middle).position)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #at(index: number): Watermark {
    const pack = this.#packed[Math.floor(index / packOf)];
    return pack ? pack.at(index % packOf) : (this.#young[index - this.#packedLength] as Watermark);
  }

  /** Down to half. An entry goes when the gap it leaves is small for its age. */
  #thin(now: number): void {
    const half = { entries: this.#maxEntries / 2, bytes: this.#maxTextBytes / 2 };
    let entries = [...this.#packed.flatMap((pack) => pack.all()), ...this.#young];
    for (let tolerance = 0.002; ; tolerance *= 1.5) {
      entries = thinned(entries, now, tolerance);
      this.#textBytes = entries.reduce((sum, { position }) => sum + bytes(position), 0);
      const small = entries.length <= half.entries && this.#textBytes <= half.bytes;
      // The oldest and the newest stay: without the one a start is forgotten, without the other the present.
      if (small || entries.length <= 2) break;
    }
    this.#packed = [];
    for (; entries.length > packOf; entries = entries.slice(packOf)) {
      this.#packed.push(new PackedWatermarks(entries.slice(0, packOf)));
    }
    this.#young = entries;
  }
}

function thinned(entries: readonly Watermark[], now: number, tolerance: number): Watermark[] {
  const kept: Watermark[] = [];
  entries.forEach((entry, index) => {
    const previous = kept.at(-1);
    const next = entries[index + 1];
    const age = now - entry.firstReceivedAt;
    if (previous && next && next.firstReceivedAt - previous.lastSentAt <= age * tolerance) return;
    kept.push(entry);
  });
  return kept;
}

function bytes(position: Position): number {
  if (position.kind !== 'mariadb-gtid') return position.text.length;
  return position.text.length + (position.state?.length ?? 0) + (position.unlogged?.length ?? 0);
}
