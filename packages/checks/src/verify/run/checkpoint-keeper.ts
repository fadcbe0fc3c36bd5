import type { TableCheckpoint } from '../../model/checkpoint.ts';
import { tableId, type TableName } from '../../table-name.ts';

const everyMs = 500;
/** The more rows a checkpoint lists, the more rarely it is written: a thousand are a megabyte, and runs take hours. */
const perRowMs = 10;

/**
 * Keeps how far a run is for a later process: of several tables that are examined side by side, of the one that has
 * most to lose.
 */
export class CheckpointKeeper {
  readonly #resumed: TableCheckpoint | null;
  readonly #onCheckpoint: ((checkpoint: TableCheckpoint | null) => void) | undefined;
  #kept: { id: string; rows: number } | null = null;
  /** The newest that holds; null when there is nothing left to go on with. */
  latest: TableCheckpoint | null;
  #next = 0;

  /** `resumed`: what an earlier process has left. `onCheckpoint`: null when there is nothing left to go on with. */
  constructor(
    resumed: TableCheckpoint | null,
    onCheckpoint: ((checkpoint: TableCheckpoint | null) => void) | undefined,
  ) {
    this.#resumed = resumed;
    this.#onCheckpoint = onCheckpoint;
    this.latest = resumed;
    if (resumed) this.#kept = { id: tableId(resumed), rows: resumed.tally.rowsCompared };
  }

  /** Where an earlier process was cut off in this table; null for any other. */
  of(name: TableName): TableCheckpoint | null {
    return this.#resumed && tableId(this.#resumed) === tableId(name) ? this.#resumed : null;
  }

  /** `id`: of the table. The checkpoint is made only when it is written. */
  keep(id: string, checkpoint: () => TableCheckpoint): void {
    const now = performance.now();
    if (now < this.#next) return;
    const kept = checkpoint();
    const { rowsCompared } = kept.tally;
    if (this.#kept && this.#kept.id !== id && this.#kept.rows > rowsCompared) return;
    this.#kept = { id, rows: rowsCompared };
    this.#next = now + everyMs + perRowMs * kept.tally.rows.length;
    this.latest = kept;
    this.#onCheckpoint?.(kept);
  }

  /** The table is done with. */
  drop(id: string): void {
    if (this.#kept?.id === id) this.dropAll();
  }

  dropAll(): void {
    if (!this.#kept) return;
    this.#kept = null;
    this.latest = null;
    this.#onCheckpoint?.(null);
  }
}
