import type { TableCheckpoint } from '../model/checkpoint.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

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
      checkpoint && toSealed(checkpoint),
    );
  }

  get(runId: string): TableCheckpoint | null {
    const sql = 'SELECT body FROM temp.all_checkpoint WHERE run_id = ? AND body IS NOT NULL';
    return this.#db.readNouns<TableCheckpoint>(sql, runId)[0] ?? null;
  }
}
