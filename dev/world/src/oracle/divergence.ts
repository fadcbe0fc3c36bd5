import type { Write } from '../servers/transaction.ts';

/** A row that was not what replication made of it, from one moment to another; `to` is Infinity while it still is. */
interface Stretch {
  id: number;
  from: number;
  to: number;
}

/**
 * What is really different: a row of the target that is not what the source's transactions, as far as the target has
 * applied them, would have made of it. Whatever is only on its way is none.
 */
export class Divergence {
  /** The target as it would be if nobody else had written there. */
  readonly #should = new Map<number, number>();
  readonly #is = new Map<number, number>();
  readonly #open = new Map<number, Stretch>();
  readonly #closed: Stretch[] = [];

  onReplicated(write: Write, now: number): void {
    set(this.#should, write);
    set(this.#is, write);
    this.#look(write.id, now);
  }

  onTarget(write: Write, now: number): void {
    set(this.#is, write);
    this.#look(write.id, now);
  }

  /** Rows that were different all the time from one moment to the other. */
  throughout(from: number, to: number): number[] {
    return this.#stretches.filter((s) => s.from <= from && s.to > to).map(({ id }) => id);
  }

  /** Whether a row was different at any time between the two. */
  everBetween(id: number, from: number, to: number): boolean {
    return this.#stretches.some((s) => s.id === id && s.from <= to && s.to >= from);
  }

  get #stretches(): Stretch[] {
    return [...this.#closed, ...this.#open.values()];
  }

  #look(id: number, now: number): void {
    const differs = this.#should.get(id) !== this.#is.get(id);
    const open = this.#open.get(id);
    if (differs && !open) this.#open.set(id, { id, from: now, to: Infinity });
    if (!differs && open) {
      this.#open.delete(id);
      this.#closed.push({ ...open, to: now });
    }
  }
}

function set(rows: Map<number, number>, { id, value }: Write): void {
  if (value === null) rows.delete(id);
  else rows.set(id, value);
}
