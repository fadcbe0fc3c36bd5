import type { PairEvent } from '../model/pair.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

/** A pair that comes and goes all the time must not make an answer without end. */
const maxEvents = 5_000;

export class Events {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** As all `record`s: answers how many rows it wrote. */
  record(event: PairEvent): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_event VALUES (?, ?, ?, ?)',
      event.id,
      event.pair,
      event.at.getTime(),
      toSealed(event),
    );
  }

  within(pair: string, { from, to }: { from: Date; to: Date }): PairEvent[] {
    return this.#db
      .readNouns<PairEvent>(
        `SELECT body FROM temp.all_event WHERE pair = ? AND at >= ? AND at <= ? ORDER BY at DESC, id DESC LIMIT ${maxEvents}`,
        pair,
        from.getTime(),
        to.getTime(),
      )
      .reverse();
  }
}
