import { type Alert, ownSilence } from '../model/alert.ts';
import type { Database } from './database.ts';
import { type Listing, readPage } from './page.ts';
import { toSealed } from './seal.ts';
import type { AlertFilter, Page, PageRequest } from './storage.ts';

/** An alert that was resolved before it ever fired is forgotten: nobody needed to know. */
const REMEMBERED = '(resolved_at IS NULL OR fired_at IS NOT NULL)';

export class Alerts {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record(alert: Alert): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_alert VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      alert.id,
      alert.state,
      alert.severity,
      alert.pair,
      alert.startedAt.getTime(),
      alert.firedAt?.getTime() ?? null,
      alert.resolvedAt?.getTime() ?? null,
      ownSilence(alert)?.getTime() ?? null,
      toSealed(alert),
    );
  }

  page(filter: AlertFilter, request: PageRequest): Page<Alert> {
    const where: Listing['where'] = [[REMEMBERED]];
    if (filter.states) {
      where.push(['state IN (SELECT value FROM json_each(?))', JSON.stringify(filter.states)]);
    }
    if (filter.severities) {
      where.push(['severity IN (SELECT value FROM json_each(?))', JSON.stringify(filter.severities)]);
    }
    if (filter.pair !== undefined) where.push(['pair = ?', filter.pair]);
    return readPage(
      this.#db,
      { from: 'temp.all_alert', where, order: ['started_at', 'id'], direction: 'DESC', counted: 'alert' },
      request,
    );
  }

  open(): Alert[] {
    return this.#select('resolved_at IS NULL');
  }

  /** In the order of `open`. */
  openIds(): string[] {
    return this.#db
      .readAll<{ id: string }>(
        `SELECT id FROM temp.all_alert WHERE resolved_at IS NULL AND ${REMEMBERED} ORDER BY started_at, id`,
      )
      .map(({ id }) => id);
  }

  silenced(now: Date): Alert[] {
    return this.#select('resolved_at IS NOT NULL AND silenced_until > ?', now.getTime());
  }

  get(id: string): Alert | null {
    return this.#select('id = ?', id)[0] ?? null;
  }

  #select(where: string, ...values: (string | number)[]): Alert[] {
    return this.#db.readNouns<Alert>(
      `SELECT body FROM temp.all_alert WHERE ${where} AND ${REMEMBERED} ORDER BY started_at, id`,
      ...values,
    );
  }
}
