import type { TableCheckpoint } from '../model/checkpoint.ts';
import type { Database } from './database.ts';

/** How far runs have come. */
export class Checkpoints {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record(runId: string, checkpoint: TableCheckpoint | null, at: number): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_checkpoint VALUES (?, ?, ?)',
      runId,
      Math.trunc(at),
      checkpoint && JSON.stringify(checkpoint),
    );
  }

  get(runId: string): TableCheckpoint | null {
    const row = this.#db.readOne<{ body: string | null }>(
      'SELECT body FROM temp.all_checkpoint WHERE run_id = ?',
      runId,
    );
    return row?.body ? (JSON.parse(row.body) as TableCheckpoint) : null;
  }
}
