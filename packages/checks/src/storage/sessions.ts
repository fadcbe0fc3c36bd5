import type { Database } from './database.ts';
import type { StoredSession } from './storage.ts';

export class Sessions {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record({ hash, token, bound, expiresAt }: StoredSession): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_session VALUES (?, ?, ?, CAST(? AS INTEGER))',
      hash,
      token,
      bound,
      expiresAt.getTime(),
    );
  }

  /** Those that end after `now`, the oldest first. */
  after(now: number): StoredSession[] {
    return this.#db
      .readAll<{ hash: string; token: string; bound: string; expiresAt: number }>(
        `SELECT hash, token, bound, expires_at AS expiresAt FROM temp.all_session
         WHERE expires_at > CAST(? AS INTEGER) ORDER BY expires_at`,
        now,
      )
      .map(({ expiresAt, ...session }) => ({ ...session, expiresAt: new Date(expiresAt) }));
  }
}
