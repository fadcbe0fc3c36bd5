/** Bytes that the first chunk of a table should not be larger than; rows may be a few bytes or megabytes. */
const firstChunkBytes = 8 * 1024 * 1024;
const firstChunkRows = 5000;
const leastRows = 50;

/** How many rows a chunk should have, so that one statement takes about the target time. */
export class ChunkSizer {
  #rows: number;
  #dense = false;
  #leastRows = leastRows;
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

  /** The latest chunk's key was an unbroken enough series of numbers that the end of the next may be reckoned. */
  get dense(): boolean {
    return this.#dense;
  }

  /** Learns from a finished chunk: grows slowly, shrinks fast. `width` is how many keys its range has room for. */
  observe(rows: number, width: bigint | null, tookMs: number): void {
    this.#dense = width !== null && BigInt(rows) * 2n >= width;
    if (rows < this.#rows / 2) return;
    const ideal = (rows * this.#targetMs) / Math.max(1, tookMs);
    this.#rows = this.#clamp(Math.min(ideal, this.#rows * 4));
  }

  /** Of a chunk nothing is known, so nothing of what is behind it either: where the next ends is to be asked. */
  lose(): void {
    this.#dense = false;
  }

  /** A statement ran into its time limit, or its answer was too long: then a few rows can be too many. */
  shrink(): void {
    this.#rows = Math.max(1, Math.round(this.#rows / 4));
    this.#leastRows = Math.min(this.#leastRows, this.#rows);
  }

  #clamp(rows: number): number {
    return Math.round(Math.min(this.#maxRows, Math.max(this.#leastRows, rows)));
  }
}
