import type { KnownServer } from '../model/server.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

export class KnownServers {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record(name: string, known: KnownServer): number {
    return this.#db.run('INSERT OR REPLACE INTO temp.new_known_server VALUES (?, ?)', name, toSealed(known));
  }

  byName(): Map<string, KnownServer> {
    const rows = this.#db.readAll<{ name: string; body: string }>(
      'SELECT name, body FROM temp.all_known_server',
    );
    return new Map(
      rows.flatMap(({ name, body }) => this.#db.nounsOf<KnownServer>([body]).map((known) => [name, known])),
    );
  }
}
