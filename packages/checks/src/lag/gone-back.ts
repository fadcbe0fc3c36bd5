import { contains } from '../position/contains.ts';
import { type Position, shortened } from '../position/position.ts';

/**
 * Notices a MySQL target that has no more what it had. Its set of GTIDs only grows, unless somebody resets it (`RESET
 * BINARY LOGS AND GTIDS`), which leaves the rows as they are, or restores the server. Neither can be told from the
 * other by positions; but what it had has arrived once, so that it lies in a relay log does not mean that it waits.
 */
export class GoneBack {
  #had: Position | null = null;
  #lost: string | null = null;

  /** What it had, until it has all of that again, or all that its source has; null while it lacks nothing of it. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Null: it is not followed by GTIDs. `complete`: it has all that its source has. */
  see(applied: Position | null, complete: boolean): void {
    if (applied?.kind !== 'mysql-gtid' || applied.mode !== undefined) return this.forget();
    const had = this.#had;
    // What of its own it had besides, nobody sends it.
    if (had !== null && !complete && !contains(applied, had)) {
      this.#lost = `it had ${shortened(had.text)} before, and has ${applied.text === '' ? 'nothing' : shortened(applied.text)} now: its GTIDs were reset, or it was restored`;
      return;
    }
    this.#had = applied;
    this.#lost = null;
  }

  forget(): void {
    this.#had = null;
    this.#lost = null;
  }
}
