import type { Database } from './database.ts';
import { toSealed } from './seal.ts';
import type { StoredSession } from './storage.ts';

export class Sessions {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record({ hash, token, person, bound, expiresAt }: StoredSession): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_session VALUES (?, ?, ?, CAST(? AS INTEGER), ?)',
      hash,
      token,
      bound,
      expiresAt.getTime(),
      person ? toSealed(person) : null,
    );
  }

  /** Those that end after `now`, the oldest first. */
  after(now: number): StoredSession[] {
    return this.#db
      .readAll<{ hash: string; token: string; bound: string; expiresAt: number; person: string | null }>(
        `SELECT hash, token, bound, expires_at AS expiresAt, person FROM temp.all_session
         WHERE expires_at > CAST(? AS INTEGER) ORDER BY expires_at`,
        now,
      )
      .flatMap(({ expiresAt, person, ...session }) => {
        const known = { ...session, expiresAt: new Date(expiresAt) };
        if (person === null) return [known];
        // Without its person it would be somebody's who signed in with a token.
        return this.#db
          .nounsOf<NonNullable<StoredSession['person']>>([person])
          .map((person) => ({ ...known, person }));
      });
  }
}
