import { heldSeconds } from '../../server/session-variables.ts';
import { isNotReady, ServerFault, type SqlServer } from '../../server/sql-server.ts';

/** Of no table of anybody's; of what is held, as reads of users' tables are. */
const readStatement = 'SELECT 1 FROM information_schema.ENGINES LIMIT 1';

/**
 * Whether a member of a group of MySQL's holds what reads a table, until all of its group have a transaction. What a
 * member's state is read from is not held, and tells nothing of it, so one read is tried, and again once it ended.
 */
export class HeldReads {
  readonly #server: SqlServer;
  readonly #signal: AbortSignal;
  #trying = false;
  #why: string | null = null;

  constructor(server: SqlServer, signal: AbortSignal) {
    this.#server = server;
    this.#signal = signal;
  }

  /** What the last try was refused with; null where it was answered, or is not over yet. */
  look(): string | null {
    if (this.#server.facts?.cluster === 'group-replication' && !this.#trying) void this.#try();
    return this.#why;
  }

  async #try(): Promise<void> {
    this.#trying = true;
    // Longer than the member holds it: to be refused is the one sign that it was held, and not waiting for its turn.
    const query = { timeoutMs: 2 * heldSeconds * 1000, signal: this.#signal };
    try {
      await this.#server.query(readStatement, undefined, query);
      this.#why = null;
    } catch (error) {
      this.#why =
        error instanceof ServerFault && isNotReady(error)
          ? `${this.#server.name}: its group does not let it be read: ${error.reason}`
          : null;
    } finally {
      this.#trying = false;
    }
  }
}
