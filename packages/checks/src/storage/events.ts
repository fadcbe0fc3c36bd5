import type { PairEvent } from '../model/pair.ts';
import { EngineRequestError } from '../request-error.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';
import type { EventRange } from './storage.ts';

/** A pair that comes and goes all the time must not make an answer without end. */
const maxEvents = 5_000;

/** What is damaged is of no kind, and no error of the query. */
const ofKinds = "CASE WHEN json_valid(body) THEN body ->> '$.kind' END IN (SELECT value FROM json_each(?))";

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

  within(pair: string, { from, to, kinds }: EventRange): PairEvent[] {
    return this.#db
      .readNouns<PairEvent>(
        `SELECT body FROM temp.all_event WHERE pair = ? AND at >= ? AND at <= ? ${kinds ? `AND ${ofKinds}` : ''}
         ORDER BY at DESC, id DESC LIMIT ${maxEvents}`,
        pair,
        from.getTime(),
        to.getTime(),
        ...(kinds ? [JSON.stringify(kinds)] : []),
      )
      .reverse();
  }

  since(id: string, pair: string | null): PairEvent[] {
    const last = this.#db.readOne<{ at: number }>('SELECT at FROM temp.all_event WHERE id = ?', id);
    if (!last) {
      throw new EngineRequestError('NOT_FOUND', `the event ${id.slice(0, 100)} is not kept (any more)`);
    }
    const events = this.#db.readAll<{ body: string }>(
      `SELECT body FROM temp.all_event WHERE at >= ? AND id <> ? ${pair === null ? '' : 'AND pair = ?'}
       ORDER BY at, id LIMIT ${maxEvents + 1}`,
      last.at,
      id,
      ...(pair === null ? [] : [pair]),
    );
    if (events.length > maxEvents) {
      throw new EngineRequestError(
        'CONFLICT',
        `more than ${maxEvents} events happened since ${id}: read them in parts`,
      );
    }
    return this.#db.nounsOf<PairEvent>(events.map(({ body }) => body));
  }
}
