import type { AuditEntry } from '../model/audit.ts';
import type { Database } from './database.ts';
import { type Listing, readPage } from './page.ts';
import { toSealed } from './seal.ts';
import type { AuditFilter, Page, PageRequest } from './storage.ts';

export class Audit {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record(entry: AuditEntry): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_audit VALUES (?, ?, ?, ?)',
      entry.id,
      entry.at.getTime(),
      entry.who,
      toSealed(entry),
    );
  }

  page({ who }: AuditFilter, request: PageRequest): Page<AuditEntry> {
    const where: Listing['where'] = who === undefined ? [] : [['who = ?', who]];
    return readPage(
      this.#db,
      { from: 'temp.all_audit', where, order: ['at', 'id'], direction: 'DESC' },
      request,
    );
  }

  people(): string[] {
    return this.#db
      .readAll<{ who: string }>(
        `SELECT DISTINCT who FROM main.audit WHERE who IS NOT NULL
         UNION SELECT who FROM temp.new_audit WHERE who IS NOT NULL ORDER BY who LIMIT 200`,
      )
      .map(({ who }) => who);
  }
}
