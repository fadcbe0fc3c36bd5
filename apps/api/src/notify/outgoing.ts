import type { Delivery } from '@lockstep/checks';
import { Fifo } from './fifo.ts';
import type { Parcel } from './parcel.ts';

/** What to try next, and how long to wait before. */
export interface Turn {
  parcel: Parcel;
  waitMs: number;
}

/** So many different lanes in a row that failed are taken for the destination's own trouble: … */
const manyFailed = 3;
/** … then it is left alone between two attempts, for longer and longer, up to this. */
const longestPauseMs = 30_000;

/**
 * What waits to be brought to one destination. Parcels of one lane (an alert's, or a group's) keep their order; one
 * that fails holds back no other lane's. Times are monotonic milliseconds. Everything costs the same however many wait.
 */
export class Outgoing {
  /** The first of each is the one to bring, or being brought. */
  readonly #lanes = new Map<string, Parcel[]>();
  /** Lanes whose first parcel was not tried yet. */
  readonly #fresh = new Fifo<string>();
  /** Lanes to try again, by how long they wait: within one such queue the first is due first. */
  readonly #again = new Map<number, Fifo<{ lane: string; due: number }>>();
  /** Lanes that failed since anything was accepted. */
  readonly #failed = new Set<string>();
  #pausedUntil = -Infinity;
  #size = 0;
  #freshFirst = true;

  get size(): number {
    return this.#size;
  }

  /** True while nothing says that the destination itself is in trouble. */
  get quiet(): boolean {
    return this.#failed.size < manyFailed;
  }

  /** The one that has waited longest. */
  oldest(): Delivery | null {
    let oldest: Parcel | null = null;
    for (const [first] of this.#lanes.values()) {
      if (first && (!oldest || first.createdAt < oldest.createdAt)) oldest = first;
    }
    return oldest?.deliveries[0] ?? null;
  }

  add(parcel: Parcel): void {
    this.#size++;
    const lane = this.#lanes.get(parcel.lane);
    if (lane) {
      lane.push(parcel);
      return;
    }
    this.#lanes.set(parcel.lane, [parcel]);
    this.#fresh.push(parcel.lane);
  }

  /** Null when nothing waits. What was never tried and what is due again take turns, so that neither starves. */
  next(now: number): Turn | null {
    const fresh = this.#fresh.peek();
    const again = this.#soonest();
    const pauseMs = Math.max(0, this.#pausedUntil - now);
    const useFresh = fresh !== undefined && (!again || again.due > now || this.#freshFirst);
    const lane = useFresh ? fresh : again?.lane;
    const parcel = lane === undefined ? undefined : this.#lanes.get(lane)?.[0];
    if (!parcel) return null;
    return { parcel, waitMs: useFresh ? pauseMs : Math.max(pauseMs, (again?.due ?? now) - now) };
  }

  /** This one is being tried. */
  take({ lane, attempts }: Parcel): void {
    if (this.#fresh.peek() === lane) {
      this.#fresh.shift();
      this.#freshFirst = false;
      return;
    }
    this.#freshFirst = true;
    const again = this.#again.get(backoffMs(attempts));
    if (again?.peek()?.lane === lane) again.shift();
  }

  /** The one that was taken has come to its end; `accepted`: the destination works. */
  ended({ lane: name }: Parcel, accepted: boolean): void {
    this.#size--;
    if (accepted) this.#failed.clear();
    if (accepted) this.#pausedUntil = -Infinity;
    const lane = this.#lanes.get(name);
    lane?.shift();
    if (lane && lane.length > 0) this.#fresh.push(name);
    else this.#lanes.delete(name);
  }

  /** The one that was taken is to be tried again; `wantedMs`: how long the destination wants to be left alone. */
  failed({ lane, attempts }: Parcel, wantedMs: number, now: number): void {
    if (this.#failed.size < 100) this.#failed.add(lane);
    const beyond = this.#failed.size - manyFailed;
    const pauseMs = beyond < 0 ? 0 : Math.min(1_000 * 2 ** beyond, longestPauseMs);
    this.#pausedUntil = now + Math.max(pauseMs, wantedMs);
    const waitMs = backoffMs(attempts);
    const queue = this.#again.get(waitMs) ?? new Fifo();
    this.#again.set(waitMs, queue);
    queue.push({ lane, due: now + waitMs });
  }

  #soonest(): { lane: string; due: number } | null {
    let soonest: { lane: string; due: number } | null = null;
    for (const queue of this.#again.values()) {
      const first = queue.peek();
      if (first && (!soonest || first.due < soonest.due)) soonest = first;
    }
    return soonest;
  }
}

/** A second, doubling, up to five minutes. */
function backoffMs(attempts: number): number {
  return Math.min(1_000 * 2 ** (attempts - 1), 300_000);
}
