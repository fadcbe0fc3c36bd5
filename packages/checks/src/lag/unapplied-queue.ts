import type { PositionSample } from './position-sample.ts';

interface Look {
  sentAt: number;
  receivedAt: number;
  /** The number of the last that it had applied, and what that is at most once all is applied that it had received. */
  has: bigint;
  upTo: bigint;
}

/** How old what is missing is: as in `LagRange`. */
export interface Unapplied {
  lagMs: number;
  atMostMs: number | null;
}

/** More are thinned out, which makes answers wider and never wrong. */
const mostLooks = 1000;

/**
 * Follows how many changes a node of Galera has received and not applied, which is all that it tells of them: nobody
 * else may be watched who has them. Some of what it counts has no number, so it is at a number that has all of a look
 * once it has as many more; and what waits is missing for sure only while its own number stands still.
 */
export class UnappliedQueue {
  #looks: Look[] = [];
  #group = '';

  /** At every look; null where nothing waits, or it does not tell. */
  take({ sentAt, receivedAt, membership }: PositionSample): Unapplied | null {
    const position = membership?.position;
    if (position?.kind !== 'galera') {
      this.#looks = [];
      return null;
    }
    const { group, seqno: has } = position;
    const look = { sentAt, receivedAt, has, upTo: has + BigInt(membership?.queue ?? 0) };
    const goesOn = group === this.#group && (this.#looks.at(-1)?.has ?? has) <= has;
    this.#group = group;
    if (goesOn && look.upTo > has) this.#looks.push(look);
    else this.#looks = [look];
    if (look.upTo === has) return null;
    const all = this.#looks.findLastIndex(({ upTo }) => upTo <= has);
    if (all > 0) this.#looks.splice(0, all);
    const contained = all < 0 ? null : this.#looks[0];
    const stands = this.#looks.find((each) => each.has === has && each.upTo > has) ?? look;
    const lagMs = Math.max(0, sentAt - stands.receivedAt);
    this.#thinOut();
    return { lagMs, atMostMs: contained ? Math.max(lagMs, receivedAt - contained.sentAt) : null };
  }

  #thinOut(): void {
    if (this.#looks.length < mostLooks) return;
    // The first two tell since when.
    this.#looks = this.#looks.filter((_, index) => index < 2 || index % 2 === 0);
  }
}
