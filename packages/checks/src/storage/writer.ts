import type { StorageConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import { BelievedTime } from './believed-time.ts';
import type { Database } from './database.ts';
import { deleteOld, writtenLast } from './retention.ts';
import { Trouble } from './trouble.ts';
import { WriteBuffer } from './write-buffer.ts';

const flushMs = 1_000;
/** As many rows do not wait for the next flush. */
const flushRows = 500;
/** Retention has a step after every so many flushes … */
const retentionEvery = 10;
/** … of this many rows, or twice what was written since the last one, so that it always keeps up. */
const retentionRows = 5_000;

export interface WriterOptions {
  config: StorageConfig;
  log: Logger;
  now: () => number;
  /** Monotonic milliseconds; undefined: the clock is believed whatever it shows. */
  elapsed: (() => number) | undefined;
  /** Rows that wait at most; beyond it the most dispensable are given up. */
  bufferRows: number;
  /** For so long the latest results of tables are kept; undefined: as history is. */
  resultsMs?: number;
}

/** Takes writes into the buffer, flushes it, deletes what is old, and knows what does not work. Never throws. */
export class Writer {
  readonly #db: Database;
  readonly #options: WriterOptions;
  readonly #buffer: WriteBuffer;
  readonly #flushing: Trouble;
  readonly #deleting: Trouble;
  readonly #oldBy: () => number;
  readonly #timer: NodeJS.Timeout;
  /** Rows taken since the last flush; those that replaced each other count each. */
  #waiting = 0;
  #writtenSinceRetention = 0;
  #ticks = 0;
  #dropped = 0;
  #closed = false;

  constructor(db: Database, options: WriterOptions) {
    this.#db = db;
    this.#options = options;
    this.#buffer = new WriteBuffer(db);
    this.#flushing = new Trouble('history cannot be written', options.log);
    this.#deleting = new Trouble('old history cannot be deleted', options.log);
    this.#oldBy = oldBy(db, options);
    this.#timer = setInterval(() => this.#tick(), flushMs);
    this.#timer.unref();
  }

  /** `record` puts rows into the buffer and answers how many. */
  write(record: () => number): void {
    if (this.#closed) {
      this.#dropped++;
      return;
    }
    try {
      this.#waiting += record();
    } catch (error) {
      this.#dropped++;
      this.#options.log.error({ err: error }, 'a record does not fit into the history and was given up');
      return;
    }
    if (this.#waiting >= flushRows && this.#flushing.evidence === null) this.flush();
    if (this.#waiting > this.#options.bufferRows) this.#makeRoom();
  }

  flush(): boolean {
    if (this.#closed || this.#waiting === 0) return true;
    try {
      const more = this.#buffer.flush();
      this.#writtenSinceRetention += this.#waiting;
      this.#waiting = more ? this.#buffer.size() : 0;
      this.#flushing.end();
      return true;
    } catch (error) {
      this.#flushing.begin(error, new Date(this.#options.now()));
      return false;
    }
  }

  /** What does not work, with the database's own words; null when all is well. */
  get trouble(): string | null {
    return this.#flushing.evidence ?? this.#deleting.evidence;
  }

  get buffered(): number {
    return this.#closed ? 0 : this.#buffer.size();
  }

  get dropped(): number {
    return this.#dropped;
  }

  close(): void {
    if (this.#closed) return;
    clearInterval(this.#timer);
    while (this.#waiting > 0 && this.flush());
    const lost = this.buffered;
    this.#closed = true;
    if (lost > 0) {
      this.#dropped += lost;
      this.#options.log.error(
        { rows: lost },
        `history is incomplete: ${this.trouble ?? 'not all was written'}`,
      );
    }
  }

  #tick(): void {
    this.flush();
    this.#ticks++;
    if (this.#ticks % retentionEvery === 0) this.#deleteOld();
  }

  #deleteOld(): void {
    const budget = Math.max(retentionRows, 2 * this.#writtenSinceRetention);
    try {
      deleteOld(this.#db, this.#options, this.#oldBy(), budget);
      this.#writtenSinceRetention = 0;
      this.#deleting.end();
    } catch (error) {
      this.#deleting.begin(error, new Date(this.#options.now()));
    }
  }

  #makeRoom(): void {
    this.#waiting = this.#buffer.size();
    const surplus = this.#waiting - this.#options.bufferRows;
    if (surplus <= 0) return;
    // A little more than needed, so that not every single write has to count and make room.
    const gone = this.#buffer.shed(surplus + Math.ceil(this.#options.bufferRows / 100));
    this.#dropped += gone;
    this.#waiting -= gone;
  }
}

function oldBy(db: Database, { now, elapsed }: WriterOptions): () => number {
  if (!elapsed) return now;
  const believed = new BelievedTime(now, elapsed, writtenLast(db));
  // What it showed when the file was opened is what it is compared with.
  believed.now();
  return () => believed.now();
}
