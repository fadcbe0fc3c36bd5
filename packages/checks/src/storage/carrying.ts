import { existsSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Database } from './database.ts';
import { refuseEmptied } from './emptied.ts';
import { isBusy } from './file-lock.ts';
import { refuseUnknown } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { refuseNoFile } from './no-file.ts';
import { tableKey } from './write-buffer.ts';

/** What grows with time, by pair, and when it was. */
const GROWING = { event: 'at', result: 'finished_at', result_line: 'finished_at' } as const;
/** Of runs that are over the newest tell when checks are due. */
const newestRuns = 5_000;

/**
 * Reads from a file that cannot be written what a new process goes on from, into a database of the same schema that is
 * empty. False when that cannot be known; then nothing was read. True also where there is no file to know from.
 */
export function recallFrom(file: string, into: Database): boolean {
  if (stateOf(file) === 'none') return true;
  try {
    refuseNoFile(file, { locked: false });
    refuseEmptied(file);
  } catch {
    return false;
  }
  for (const way of ways(file)) {
    try {
      into.run('ATTACH DATABASE ? AS earlier', `${pathToFileURL(file).href}?${way}`);
    } catch (error) {
      if (isBusy(error)) return false;
      continue;
    }
    try {
      if (refuseUnknown(into, migrations, 'earlier') !== migrations.length) return false;
      into.transaction(() => {
        for (const table of [
          'pause',
          'silence',
          'known_server',
          'session',
          'result',
          'difference',
          'checkpoint',
        ]) {
          into.run(`INSERT INTO main.${table} SELECT * FROM earlier.${table}`);
        }
        into.run(
          `INSERT INTO main.run SELECT * FROM earlier.run WHERE finished_at IS NULL OR id IN
             (SELECT id FROM earlier.run ORDER BY started_at DESC LIMIT ${newestRuns})`,
        );
        into.run(
          'INSERT INTO main.alert SELECT * FROM earlier.alert WHERE resolved_at IS NULL OR silenced_until IS NOT NULL',
        );
        into.run(
          `INSERT INTO main.delivery SELECT * FROM earlier.delivery
           WHERE ended_at IS NULL OR alert_id IN (SELECT id FROM main.alert)`,
        );
      });
      return true;
    } catch (error) {
      // Somebody is at it: it is no time to take it for one that does not change.
      if (isBusy(error)) return false;
    } finally {
      into.exec('DETACH DATABASE earlier');
    }
  }
  return false;
}

/**
 * On a file system that is read-only SQLite reads nothing that may still change, unless told that it does not; and then
 * it does not look into the log of writes, so there must be none.
 */
function ways(file: string): string[] {
  const log = `${file}-wal`;
  const whole = !existsSync(log) || statSync(log).size === 0;
  return whole ? ['mode=ro', 'immutable=1'] : ['mode=ro'];
}

function stateOf(file: string): 'none' | 'some' | 'unknown' {
  try {
    statSync(file);
    return 'some';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : 'unknown';
  }
}

/** From now on it is known which results nobody is to see again: the file may have them, too. */
export function rememberForgotten(db: Database): void {
  db.exec(
    `CREATE TEMP TABLE forgotten_since (${tableKey}, PRIMARY KEY (${tableKey})) WITHOUT ROWID;
     CREATE TEMP TRIGGER forgetting AFTER INSERT ON forgotten_result BEGIN
       INSERT OR IGNORE INTO forgotten_since VALUES (NEW.pair, NEW.check_kind, NEW.schema_name, NEW.table_name);
     END`,
  );
}

/**
 * Puts what was kept in memory meanwhile into the file that can be used after all. What a person did since, and what
 * was found since, takes the place of what the file has; of which server was known, the file's word counts where the
 * memory never knew it. Throws what the database says; whatever was put there until then may be put there again.
 */
export class Carrying {
  readonly #db: Database;
  readonly #until = Date.now();
  readonly #knewBefore: boolean;

  constructor(db: Database, file: string, knewBefore: boolean) {
    this.#db = db;
    this.#knewBefore = knewBefore;
    db.run('ATTACH DATABASE ? AS kept', file);
    db.exec('PRAGMA kept.synchronous = NORMAL');
  }

  /** What grew until now; it yields after each pair. */
  *history(): Generator<void, void, undefined> {
    const pairs = this.#db.all<{ name: string }>(
      'SELECT name FROM main.pair UNION SELECT pair FROM main.event UNION SELECT pair FROM main.result',
    );
    for (const { name } of pairs) {
      this.#db.transaction(() => this.#growing('pair = ? AND', '<', name));
      yield;
    }
  }

  /** All else, and what came since; at once, so that it is whole. */
  rest(): void {
    const db = this.#db;
    db.transaction(() => {
      for (const table of ['difference', 'result']) {
        db.run(
          `DELETE FROM kept.${table} WHERE (${tableKey}) IN
             (SELECT ${tableKey} FROM temp.forgotten_since EXCEPT SELECT ${tableKey} FROM main.result)`,
        );
      }
      this.#growing('', '>=');
      for (const table of [
        'run',
        'checkpoint',
        'alert',
        'delivery',
        'pause',
        'silence',
        'session',
        'audit',
      ]) {
        db.run(`INSERT OR REPLACE INTO kept.${table} SELECT * FROM main.${table}`);
      }
      const or = this.#knewBefore ? 'REPLACE' : 'IGNORE';
      db.run(`INSERT OR ${or} INTO kept.known_server SELECT * FROM main.known_server`);
    });
  }

  end(): void {
    this.#db.exec('DETACH DATABASE kept');
  }

  /** Of one pair or all, before or since. */
  #growing(ofPair: '' | 'pair = ? AND', when: '<' | '>=', ...pair: string[]): void {
    const db = this.#db;
    const until = this.#until;
    const some = (column: string) => `${ofPair} ${column} ${when} CAST(? AS INTEGER)`;
    db.run(
      `DELETE FROM kept.difference WHERE (${tableKey}) IN
         (SELECT ${tableKey} FROM main.result WHERE ${some('finished_at')})`,
      ...pair,
      until,
    );
    for (const [table, column] of Object.entries(GROWING)) {
      db.run(
        `INSERT OR REPLACE INTO kept.${table} SELECT * FROM main.${table} WHERE ${some(column)}`,
        ...pair,
        until,
      );
    }
    db.run(
      `INSERT INTO kept.difference SELECT * FROM main.difference WHERE (${tableKey}) IN
         (SELECT ${tableKey} FROM main.result WHERE ${some('finished_at')})`,
      ...pair,
      until,
    );
    db.run('INSERT OR IGNORE INTO kept.pair (name) SELECT name FROM main.pair');
    const samples = (columns: string, table: string, moment: string) =>
      `INSERT OR IGNORE INTO kept.${table} SELECT there.id, ${columns}
       FROM (SELECT id, name AS pair FROM main.pair) AS here
       JOIN main.${table} ON pair_id = here.id JOIN kept.pair AS there ON there.name = here.pair
       WHERE ${some(moment)}`;
    db.run(samples('at, ms', 'lag', 'at'), ...pair, until);
    db.run(
      samples('minute, min_ms, max_ms, sum_ms, samples', 'lag_minute', 'minute'),
      ...pair,
      Math.floor(until / 60_000),
    );
  }
}
