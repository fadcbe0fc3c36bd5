/** Bytes that the first chunk of a table should not be larger than; rows may be a few bytes or megabytes. */
const firstChunkBytes = 8 * 1024 * 1024;
const firstChunkRows = 5000;
const leastRows = 50;

/** How many rows a chunk should have, so that one statement takes about the target time. */
export class ChunkSizer {
  #rows: number;
  readonly #targetMs: number;
  readonly #maxRows: number;

  constructor(options: { targetMs: number; maxRows: number; rowBytes: number }) {
    this.#targetMs = options.targetMs;
    this.#maxRows = options.maxRows;
    this.#rows = Math.round(
      Math.min(
        firstChunkRows,
        options.maxRows,
        Math.max(leastRows, firstChunkBytes / Math.max(1, options.rowBytes)),
      ),
    );
  }

  get rows(): number {
    return this.#rows;
  }

  /** Learns from a finished chunk: grows slowly, shrinks fast. */
  observe(rows: number, tookMs: number): void {
    if (rows < this.#rows / 2) return;
    const ideal = (rows * this.#targetMs) / Math.max(1, tookMs);
    this.#rows = this.#clamp(Math.min(ideal, this.#rows * 4));
  }

  /** A statement ran into its time limit. */
  shrink(): void {
    this.#rows = this.#clamp(this.#rows / 4);
  }

  #clamp(rows: number): number {
    return Math.round(Math.min(this.#maxRows, Math.max(leastRows, rows)));
  }
}
