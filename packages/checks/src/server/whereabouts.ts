import { areTwo, type Instance, instanceText } from './instance.ts';

/** So many moves within so long, to and fro: nobody does that by hand. */
const maxMoves = 3;
const withinMs = 60_000;
/** So often in a row one and the same: whoever sent connections hither and thither does so no longer. */
const settledAfter = 10;

/** Where an address led, connection by connection: to one server, from some time on to another, to several in turn. */
export class Whereabouts {
  #last: Instance | null = null;
  #moves: { at: number; to: string }[] = [];
  #balancing: Set<string> | null = null;
  #inARow = 0;

  /** Returns whether it is another than the last. `now` in ms, on a clock that only goes on. */
  saw(instance: Instance, now: number): boolean {
    const before = this.#last;
    this.#last = instance;
    if (!before || !areTwo(before, instance)) {
      if (++this.#inARow >= settledAfter) this.#balancing = null;
      return false;
    }
    this.#inARow = 1;
    const to = instanceText(instance);
    this.#moves = this.#moves.filter(({ at }) => now - at < withinMs);
    if (this.#moves.length === 0) this.#moves.push({ at: now, to: instanceText(before) });
    this.#moves.push({ at: now, to });
    const seen = new Set(this.#moves.map((move) => move.to));
    const moves = this.#moves.length - 1;
    if (this.#balancing) this.#balancing.add(to);
    else if (moves >= maxMoves && seen.size <= moves) this.#balancing = seen;
    return true;
  }

  /** One sentence with its remedy, of an address that leads to several servers in turn; null of one that does not. */
  get balancing(): string | null {
    if (!this.#balancing) return null;
    const seen = [...this.#balancing].sort();
    return `each connection leads to another server (${seen.length} seen: ${seen.join(', ')}): a name that balances; name instances`;
  }
}
