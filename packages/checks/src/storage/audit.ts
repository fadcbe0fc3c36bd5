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
      'INSERT OR REPLACE INTO temp.new_audit VALUES (?, ?, ?, ?, ?)',
      entry.id,
      entry.at.getTime(),
      entry.who,
      toSealed(entry),
      entry.action,
    );
  }

  page({ who, action, from, to }: AuditFilter, request: PageRequest): Page<AuditEntry> {
    const where: Listing['where'] = [];
    if (who !== undefined) where.push(['who = ?', who]);
    if (action !== undefined) where.push(['action = ?', action]);
    if (from !== undefined) where.push(['at >= ?', from.getTime()]);
    if (to !== undefined) where.push(['at < ?', to.getTime()]);
    return readPage(
      this.#db,
      { from: 'temp.all_audit', where, order: ['at', 'id'], direction: 'DESC', counted: 'audit' },
      request,
    );
  }

  people(): string[] {
    return this.#db
      .readAll<{ who: string }>(
        // From name to name by the index, however many entries each has.
        `WITH RECURSIVE kept (who) AS (
           SELECT min(who) FROM main.audit
           UNION ALL SELECT (SELECT min(who) FROM main.audit WHERE who > kept.who) FROM kept WHERE who IS NOT NULL
           LIMIT 201
         )
         SELECT who FROM kept WHERE who IS NOT NULL
         UNION SELECT who FROM temp.new_audit WHERE who IS NOT NULL ORDER BY who LIMIT 200`,
      )
      .map(({ who }) => who);
  }
}
