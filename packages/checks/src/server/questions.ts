import type { Flavour } from '../model/server.ts';

/** How many statements the session was asked, this one too. Everybody may ask it; it takes a server a millisecond. */
export function questionsStatement(flavour: Flavour): string {
  const table =
    flavour === 'mysql' ? 'performance_schema.session_status' : 'information_schema.SESSION_STATUS';
  return `SELECT VARIABLE_VALUE AS questions FROM ${table} WHERE VARIABLE_NAME = 'Questions'`;
}

const countMs = 10_000;

/**
 * What came to a session of what it was asked. What is no SELECT says nothing of who answered, and a middle that takes
 * apart what is sent as one can have it answered elsewhere; but the session that it was meant for knows how many
 * statements came, and misses it. And it has more of them when it is not this connection's alone.
 */
export class Questions {
  #sent = 0;
  /** By how many more than were sent from here; null of a server that does not count so, and until `begin`. */
  #ahead: number | null = null;
  #tried = false;
  #countedAt = -Infinity;

  /** So many statements more were sent, of which the last was answered or refused. */
  sent(count: number): void {
    this.#sent += count;
  }

  /** How many statements were sent from here. */
  get asked(): number {
    return this.#sent;
  }

  get counts(): boolean {
    return this.#ahead !== null;
  }

  /** Whether the session's statements can be counted was not found out yet. */
  get untried(): boolean {
    return !this.#tried;
  }

  get due(): boolean {
    return (this.untried || this.counts) && performance.now() - this.#countedAt >= countMs;
  }

  /** What it says with the last statement that was sent; null: it does not count so. */
  begin(now: number | null): void {
    this.#tried = true;
    this.#ahead = now === null ? null : now - this.#sent;
  }

  /**
   * By what it says with the last statement that was sent. `fewer` came also after `FLUSH STATUS`, by which somebody
   * sets the count of all sessions to zero.
   */
  compare(now: number): 'equal' | 'fewer' | 'more' {
    this.#countedAt = performance.now();
    const more = now - this.#sent - (this.#ahead ?? 0);
    return this.#ahead === null || more === 0 ? 'equal' : more < 0 ? 'fewer' : 'more';
  }
}
