import type { Database } from './database.ts';

/** What names one table of a pair under one check. */
export const tableKey = 'pair, check_kind, schema_name, table_name';

/** The tables that are buffered as they are, with the columns by which a newer row replaces an older one. */
const COPIED: Record<string, string> = {
  event: 'id',
  run: 'id',
  result: tableKey,
  result_line: `${tableKey}, finished_at, run_id`,
  alert: 'id',
  pause: 'pair',
  checkpoint: 'run_id',
  delivery: 'key, destination',
  known_server: 'name',
  silence: 'id',
  session: 'hash',
  audit: 'id',
};

/** Resolved before they ever fired: they leave no history. */
const forgottenAlerts = 'SELECT id FROM temp.new_alert WHERE resolved_at IS NOT NULL AND fired_at IS NULL';

/** Results of the file that the buffer's take the place of, or that are forgotten. */
const replacedResults = `SELECT ${tableKey} FROM temp.new_result UNION ALL SELECT ${tableKey} FROM temp.forgotten_result`;

/** Lag rows moved by one flush: after an outage the backlog goes in parts, none of which holds up the samplers. */
const lagRowsPerFlush = 5_000;

/**
 * Writes wait in TEMP tables, in memory, beside the file's own: `temp.new_run` has the shape of `run`. The view
 * `temp.all_run` shows both, so a read sees every write whether it reached the file or not. A flush moves the rows in
 * one transaction; when it fails, SQLite puts file and buffer back as they were, and nothing is lost or doubled.
 */
export class WriteBuffer {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    db.exec('PRAGMA temp_store = MEMORY');
    db.exec(
      'CREATE TEMP TABLE new_lag (pair TEXT NOT NULL, at INTEGER NOT NULL, ms REAL NOT NULL, PRIMARY KEY (pair, at))',
    );
    // Results that the file may have and nobody is to see again.
    db.exec(`CREATE TEMP TABLE forgotten_result (${tableKey}, PRIMARY KEY (${tableKey})) WITHOUT ROWID`);
    for (const [table, key] of Object.entries(COPIED)) {
      this.#shadow(table);
      const replaced = table === 'result' ? replacedResults : `SELECT ${key} FROM temp.new_${table}`;
      this.#unite(table, `(${key}) NOT IN (${replaced})`);
    }
    // A table's rows go with its result: a new result without rows hides the old rows too.
    this.#shadow('difference');
    this.#unite('difference', `(${tableKey}) NOT IN (${replacedResults})`);
  }

  /** Moves what waits into the file. Answers whether more waits. Throws what the database says. */
  flush(): boolean {
    const db = this.#db;
    let more = false;
    db.transaction(() => {
      more = this.#moveLag();
      // Of either by itself: for both together SQLite reads all the rows that there are, each time.
      for (const replaced of ['new_result', 'forgotten_result']) {
        db.run(
          `DELETE FROM main.difference WHERE (${tableKey}) IN (SELECT ${tableKey} FROM temp.${replaced})`,
        );
      }
      db.run(
        `DELETE FROM main.result WHERE (${tableKey}) IN (SELECT ${tableKey} FROM temp.forgotten_result)`,
      );
      db.run('DELETE FROM temp.forgotten_result');
      db.run(`DELETE FROM main.alert WHERE id IN (${forgottenAlerts})`);
      db.run(`DELETE FROM temp.new_alert WHERE id IN (${forgottenAlerts})`);
      for (const table of [...Object.keys(COPIED), 'difference']) {
        db.run(`INSERT OR REPLACE INTO main.${table} SELECT * FROM temp.new_${table}`);
        db.run(`DELETE FROM temp.new_${table}`);
      }
    });
    return more;
  }

  /** Rows that wait. */
  size(): number {
    const tables = ['lag', ...Object.keys(COPIED), 'difference'].map((table) => `new_${table}`);
    const counts = [...tables, 'forgotten_result'].map((table) => `(SELECT count(*) FROM temp.${table})`);
    return this.#db.get<{ n: number }>(`SELECT ${counts.join(' + ')} AS n`)?.n ?? 0;
  }

  /**
   * Gives up about `rows` of the oldest, the most dispensable first: lag samples, then lines of history, then results
   * with their rows, then who did what. Runs, alerts, pauses, deliveries and what is to be forgotten are few and stay.
   * Answers how many rows went.
   */
  shed(rows: number): number {
    const oldest = (table: string) =>
      `SELECT rowid FROM temp.new_${table} ORDER BY rowid LIMIT CAST(? AS INTEGER)`;
    let gone = 0;
    for (const table of ['lag', 'result_line', 'event']) {
      gone += this.#db.run(
        `DELETE FROM temp.new_${table} WHERE rowid IN (${oldest(table)})`,
        Math.max(0, rows - gone),
      );
    }
    while (gone < rows) {
      const results = this.#db.run(`DELETE FROM temp.new_result WHERE rowid IN (${oldest('result')})`, 1);
      if (results === 0) break;
      gone +=
        results +
        this.#db.run(
          `DELETE FROM temp.new_difference WHERE (${tableKey}) NOT IN (SELECT ${tableKey} FROM temp.new_result)`,
        );
    }
    return (
      gone +
      this.#db.run(`DELETE FROM temp.new_audit WHERE rowid IN (${oldest('audit')})`, Math.max(0, rows - gone))
    );
  }

  #moveLag(): boolean {
    const db = this.#db;
    const last = db.get<{ rowid: number }>(
      `SELECT rowid FROM temp.new_lag ORDER BY rowid LIMIT 1 OFFSET ${lagRowsPerFlush - 1}`,
    )?.rowid;
    const some = last ?? Number.MAX_SAFE_INTEGER;
    db.run(
      'INSERT OR IGNORE INTO main.pair (name) SELECT DISTINCT pair FROM temp.new_lag WHERE rowid <= ?',
      some,
    );
    // The clock was set back: a moment that is in the file already must not count twice in its minute.
    db.run(
      `DELETE FROM temp.new_lag WHERE rowid <= ? AND EXISTS (
         SELECT 1 FROM main.lag JOIN main.pair ON pair.id = pair_id
         WHERE pair.name = new_lag.pair AND lag.at = new_lag.at)`,
      some,
    );
    db.run(
      `INSERT INTO main.lag_minute
       SELECT pair.id, at / 60000 AS minute, min(ms), max(ms), sum(ms), count(*)
       FROM temp.new_lag JOIN main.pair ON pair.name = new_lag.pair
       WHERE new_lag.rowid <= ? GROUP BY pair.id, minute
       ON CONFLICT DO UPDATE SET
         min_ms = min(min_ms, excluded.min_ms), max_ms = max(max_ms, excluded.max_ms),
         sum_ms = sum_ms + excluded.sum_ms, samples = samples + excluded.samples`,
      some,
    );
    db.run(
      `INSERT INTO main.lag SELECT pair.id, at, ms
       FROM temp.new_lag JOIN main.pair ON pair.name = new_lag.pair WHERE new_lag.rowid <= ?`,
      some,
    );
    db.run('DELETE FROM temp.new_lag WHERE rowid <= ?', some);
    return last !== undefined;
  }

  /** An empty TEMP table of the same columns and keys, whatever migrations made of the file's. */
  #shadow(table: string): void {
    const created = this.#db.get<{ sql: string }>(
      "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?",
      table,
    );
    if (!created) throw new Error(`the schema has no table ${table}`);
    this.#db.exec(created.sql.replace(`CREATE TABLE ${table}`, `CREATE TEMP TABLE new_${table}`));
  }

  #unite(table: string, unlessReplaced: string): void {
    this.#db.exec(
      `CREATE TEMP VIEW all_${table} AS
       SELECT * FROM main.${table} WHERE ${unlessReplaced} UNION ALL SELECT * FROM temp.new_${table}`,
    );
  }
}
