import type { Database } from './database.ts';
import { fromBody, toBody } from './json.ts';
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
      person ? toBody(person) : null,
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
      .map(({ expiresAt, person, ...session }) => ({
        ...session,
        expiresAt: new Date(expiresAt),
        ...(person !== null && { person: fromBody<NonNullable<StoredSession['person']>>(person) }),
      }));
  }
}
