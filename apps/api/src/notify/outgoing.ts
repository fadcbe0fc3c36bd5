import type { Delivery } from '@lockstep/checks';
import { Fifo } from './fifo.ts';

/** What to try next, and how long to wait before. */
export interface Turn {
  delivery: Delivery;
  waitMs: number;
}

/** So many different alerts in a row that failed are taken for the destination's own trouble: … */
const manyFailed = 3;
/** … then it is left alone between two attempts, for longer and longer, up to this. */
const longestPauseMs = 30_000;

/**
 * What waits to be brought to one destination. Messages about one alert keep their order; one that fails holds back no
 * other alert's. Times are monotonic milliseconds. Everything costs the same however many wait.
 */
export class Outgoing {
  /** By alert; the first of each is the one to bring, or being brought. */
  readonly #lanes = new Map<string, Delivery[]>();
  /** Alerts whose first message was not tried yet. */
  readonly #fresh = new Fifo<string>();
  /** Alerts to try again, by how long they wait: within one such queue the first is due first. */
  readonly #again = new Map<number, Fifo<{ alert: string; due: number }>>();
  /** Alerts that failed since anything was accepted. */
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
    let oldest: Delivery | null = null;
    for (const [first] of this.#lanes.values()) {
      if (first && (!oldest || first.createdAt < oldest.createdAt)) oldest = first;
    }
    return oldest;
  }

  /** By its key. */
  has({ alert, key }: Delivery): boolean {
    return this.#lanes.get(alert.id)?.some((waiting) => waiting.key === key) ?? false;
  }

  add(delivery: Delivery): void {
    const { id } = delivery.alert;
    this.#size++;
    const lane = this.#lanes.get(id);
    if (lane) {
      lane.push(delivery);
      return;
    }
    this.#lanes.set(id, [delivery]);
    this.#fresh.push(id);
  }

  /** Null when nothing waits. What was never tried and what is due again take turns, so that neither starves. */
  next(now: number): Turn | null {
    const fresh = this.#fresh.peek();
    const again = this.#soonest();
    const pauseMs = Math.max(0, this.#pausedUntil - now);
    const useFresh = fresh !== undefined && (!again || again.due > now || this.#freshFirst);
    const id = useFresh ? fresh : again?.alert;
    const delivery = id === undefined ? undefined : this.#lanes.get(id)?.[0];
    if (!delivery) return null;
    return { delivery, waitMs: useFresh ? pauseMs : Math.max(pauseMs, (again?.due ?? now) - now) };
  }

  /** This one is being tried. */
  take({ alert, attempts }: Delivery): void {
    if (this.#fresh.peek() === alert.id) {
      this.#fresh.shift();
      this.#freshFirst = false;
      return;
    }
    this.#freshFirst = true;
    const again = this.#again.get(backoffMs(attempts));
    if (again?.peek()?.alert === alert.id) again.shift();
  }

  /** The one that was taken has come to its end; `accepted`: the destination works. */
  ended({ alert }: Delivery, accepted: boolean): void {
    this.#size--;
    if (accepted) this.#failed.clear();
    if (accepted) this.#pausedUntil = -Infinity;
    const lane = this.#lanes.get(alert.id);
    lane?.shift();
    if (lane && lane.length > 0) this.#fresh.push(alert.id);
    else this.#lanes.delete(alert.id);
  }

  /** The one that was taken is to be tried again; `wantedMs`: how long the destination wants to be left alone. */
  failed({ alert, attempts }: Delivery, wantedMs: number, now: number): void {
    if (this.#failed.size < 100) this.#failed.add(alert.id);
    const beyond = this.#failed.size - manyFailed;
    const pauseMs = beyond < 0 ? 0 : Math.min(1_000 * 2 ** beyond, longestPauseMs);
    this.#pausedUntil = now + Math.max(pauseMs, wantedMs);
    const waitMs = backoffMs(attempts);
    const queue = this.#again.get(waitMs) ?? new Fifo();
    this.#again.set(waitMs, queue);
    queue.push({ alert: alert.id, due: now + waitMs });
  }

  #soonest(): { alert: string; due: number } | null {
    let soonest: { alert: string; due: number } | null = null;
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
