import type { Silence } from '../model/silence.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

export class Silences {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** Once it holds no more, for whichever reason, it is kept for as long as history. */
  record(silence: Silence): number {
    const { id, endedAt, until } = silence;
    const over = endedAt?.getTime() ?? until?.getTime() ?? null;
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_silence VALUES (?, ?, ?)',
      id,
      over,
      toSealed(silence),
    );
  }

  all(): Silence[] {
    return this.#db.readNouns<Silence>('SELECT body FROM temp.all_silence ORDER BY id');
  }
}
