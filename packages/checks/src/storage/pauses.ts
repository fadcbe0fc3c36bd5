import type { Database } from './database.ts';

export class Pauses {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  set(pair: string, paused: boolean): number {
    return this.#db.run('INSERT OR REPLACE INTO temp.new_pause VALUES (?, ?)', pair, paused ? 1 : 0);
  }

  pairs(): string[] {
    return this.#db
      .readAll<{ pair: string }>('SELECT pair FROM temp.all_pause WHERE paused = 1 ORDER BY pair')
      .map(({ pair }) => pair);
  }
}
