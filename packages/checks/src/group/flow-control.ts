import type { FlowControl } from '../position/membership.ts';

/** The share is that of so long, about. */
const windowMs = 5000;

/** For what share of the last seconds flow control held a member back. */
export class FlowControlShare {
  #looks: { at: number; pausedNs: bigint }[] = [];

  /** `at` on the monotonic clock in ms. */
  take(flow: FlowControl | null, at: number): void {
    const last = this.#looks.at(-1);
    // Counted since the server's start.
    if (!flow || (last && flow.pausedNs < last.pausedNs)) this.#looks = [];
    if (!flow) return;
    this.#looks.push({ at, pausedNs: flow.pausedNs });
    while ((this.#looks[1]?.at ?? at) < at - windowMs) this.#looks.shift();
  }

  /** 0 … 1; null before the second look. */
  get share(): number | null {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (!first || !last || last.at <= first.at) return null;
    return Math.min(1, Number(last.pausedNs - first.pausedNs) / 1e6 / (last.at - first.at));
  }
}
