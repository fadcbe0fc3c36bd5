import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { fromSealed } from './seal.ts';
import { StorageError, wordsOf } from './storage-error.ts';

/**
 * A write that finds the file locked by somebody's tool waits this long, no longer: it would hold up the samplers. It
 * is tried again a second later.
 */
const busyMs = 20;
/** Damaged rows are counted up to this. */
const mostDamaged = 1_000;

/** One SQLite connection with its prepared statements. Methods throw the database's own errors, except `read…`. */
export class Database {
  readonly file: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** What could not be read when it was last asked for, by statement. */
  readonly #unread = new Map<string, string>();
  /** Checksums of bodies that are not what was written. */
  readonly #damaged = new Set<number>();

  constructor(file: string, { readOnly = false } = {}) {
    this.file = file;
    this.#connection = new DatabaseSync(file, { timeout: busyMs, readOnly });
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /** Answers how many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** As `get`, for whoever asks the storage: a failure says which file cannot be read. */
  readOne<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#reading(sql, () => this.get<Row>(sql, ...values));
  }

  readAll<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#reading(sql, () => this.all<Row>(sql, ...values));
  }

  /** The nouns of a query for `body`: of rows that are damaged nothing is believed, and `unreadable` says so. */
  readNouns<Noun>(sql: string, ...values: SQLInputValue[]): Noun[] {
    return this.nounsOf(this.readAll<{ body: string }>(sql, ...values).map(({ body }) => body));
  }

  nounsOf<Noun>(bodies: readonly string[]): Noun[] {
    return bodies.flatMap((body) => {
      const noun = fromSealed<Noun>(body);
      if (noun === null && this.#damaged.size < mostDamaged) this.#damaged.add(crc32(String(body)));
      return noun === null ? [] : [noun];
    });
  }

  /** Rows that were found damaged since the file was opened, as far as they are counted. */
  get damaged(): number {
    return this.#damaged.size;
  }

  /** That the file cannot be read, in the database's own words; null when all that was asked for could be. */
  get unreadable(): string | null {
    const [words = this.#damagedRows()] = this.#unread.values();
    return words === null
      ? null
      : `history cannot be read: ${words}; if the file is damaged, move it away and start Lockstep again`;
  }

  /** All or nothing, in the file and in the TEMP tables alike. */
  transaction(work: () => void): void {
    this.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.exec('COMMIT');
    } catch (error) {
      // A full disk can make SQLite roll back by itself.
      if (this.#connection.isTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #damagedRows(): string | null {
    const rows = this.#damaged.size;
    if (rows === 0) return null;
    return `${rows}${rows === mostDamaged ? ' or more' : ''} of its rows are not what was written, and are left out`;
  }

  #reading<T>(sql: string, read: () => T): T {
    try {
      const rows = read();
      this.#unread.delete(sql);
      return rows;
    } catch (error) {
      this.#unread.set(sql, wordsOf(error));
      throw new StorageError('unreadable', `cannot read ${this.file}: ${wordsOf(error)}`, { cause: error });
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
