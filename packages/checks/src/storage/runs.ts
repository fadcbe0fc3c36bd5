import type { Run } from '../model/run.ts';
import type { CheckKind } from '../model/verdict.ts';
import type { Database } from './database.ts';
import { type Listing, readPage } from './page.ts';
import { toSealed } from './seal.ts';
import type { Page, PageRequest } from './storage.ts';

export class Runs {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record(run: Run): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_run VALUES (?, ?, ?, ?, ?, ?)',
      run.id,
      run.pair,
      run.check,
      run.startedAt.getTime(),
      run.finishedAt?.getTime() ?? null,
      toSealed(run),
    );
  }

  page(filter: { pair?: string; check?: CheckKind }, request: PageRequest): Page<Run> {
    const where: Listing['where'] = [];
    if (filter.pair !== undefined) where.push(['pair = ?', filter.pair]);
    if (filter.check !== undefined) where.push(['check_kind = ?', filter.check]);
    return readPage(
      this.#db,
      { from: 'temp.all_run', where, order: ['started_at', 'id'], direction: 'DESC' },
      request,
    );
  }

  get(id: string): Run | null {
    return this.#db.readNouns<Run>('SELECT body FROM temp.all_run WHERE id = ?', id)[0] ?? null;
  }
}
