import type { SQLInputValue } from 'node:sqlite';
import type { Run } from '../model/run.ts';
import { type CheckKind, checkKinds, type RowDifference, type TableResult } from '../model/verdict.ts';
import type { TableName } from '../table-name.ts';
import type { Database } from './database.ts';
import { type Listing, readPage, readPageOfRows } from './page.ts';
import { toSealed } from './seal.ts';
import type { Page, PageRequest, ResultLine, RunChange, VerdictSince } from './storage.ts';
import { tableKey } from './write-buffer.ts';

type ResultWithoutRows = Omit<TableResult, 'rows'>;

/** Latest results with their rows, and the line of history that each leaves. */
export class Results {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record({ rows, ...result }: TableResult): number {
    const db = this.#db;
    const key = [result.pair, result.check, result.schema, result.table] as const;
    const finishedAt = result.finishedAt.getTime();
    db.run(`DELETE FROM temp.new_difference WHERE (${tableKey}) = (?, ?, ?, ?)`, ...key);
    db.run(
      'INSERT OR REPLACE INTO temp.new_result VALUES (?, ?, ?, ?, ?, ?)',
      ...key,
      finishedAt,
      toSealed(result),
    );
    db.run(
      'INSERT OR REPLACE INTO temp.new_result_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...key,
      finishedAt,
      result.runId,
      result.verdict,
      result.reason,
    );
    for (const [seq, row] of rows.entries()) {
      db.run('INSERT INTO temp.new_difference VALUES (?, ?, ?, ?, ?, ?)', ...key, seq, toSealed(row));
    }
    return 2 + rows.length;
  }

  forget(pair: string, { schema, table }: TableName): number {
    for (const check of checkKinds) {
      const key = [pair, check, schema, table];
      this.#db.run(`DELETE FROM temp.new_difference WHERE (${tableKey}) = (?, ?, ?, ?)`, ...key);
      this.#db.run(`DELETE FROM temp.new_result WHERE (${tableKey}) = (?, ?, ?, ?)`, ...key);
      this.#db.run('INSERT OR REPLACE INTO temp.forgotten_result VALUES (?, ?, ?, ?)', ...key);
    }
    return checkKinds.length;
  }

  ofPair(pair: string): ResultWithoutRows[] {
    return this.#db.readNouns<ResultWithoutRows>(
      'SELECT body FROM temp.all_result WHERE pair = ? ORDER BY schema_name, table_name, check_kind',
      pair,
    );
  }

  get(...key: [pair: string, check: CheckKind, schema: string, table: string]): ResultWithoutRows | null {
    const sql = `SELECT body FROM temp.all_result WHERE ${oneTable}`;
    return this.#db.readNouns<ResultWithoutRows>(sql, ...key)[0] ?? null;
  }

  differences(
    key: [pair: string, check: CheckKind, schema: string, table: string],
    request: PageRequest,
  ): Page<RowDifference> {
    return readPage(
      this.#db,
      { from: 'temp.all_difference', where: [[oneTable, ...key]], order: ['seq'], direction: 'ASC' },
      request,
    );
  }

  lines(
    key: [pair: string, check: CheckKind, schema: string, table: string],
    request: PageRequest,
  ): Page<ResultLine> {
    const listing: Listing = {
      from: 'temp.all_result_line',
      where: [[oneTable, ...key]],
      order: ['finished_at', 'run_id'],
      direction: 'DESC',
    };
    const page = readPageOfRows<LineRow>(this.#db, listing, 'verdict, reason', request);
    return { ...page, items: page.items.map(toLine) };
  }

  changes(run: Run, since: Run, request: PageRequest): Page<RunChange> {
    const listing: Listing = {
      from: changed,
      given: [...linesOf(run), ...linesOf(since)],
      where: [],
      order: ['schema_name', 'table_name'],
      direction: 'ASC',
    };
    const page = readPageOfRows<ChangeRow>(this.#db, listing, 'verdict, reason, was, because', request);
    return { ...page, items: page.items.map(toChange) };
  }

  since(key: [pair: string, check: CheckKind, schema: string, table: string]): VerdictSince | null {
    const line = (condition: string, order: 'ASC' | 'DESC', ...values: SQLInputValue[]) =>
      this.#db.readOne<LineRow>(
        `SELECT finished_at, run_id, verdict, reason FROM temp.all_result_line
         WHERE ${oneTable} AND ${condition} ORDER BY finished_at ${order}, run_id ${order} LIMIT 1`,
        ...key,
        ...values,
      );
    const latest = line('TRUE', 'DESC');
    if (!latest) return null;
    const { verdict } = latest;
    const other = line(
      `verdict <> ? AND (? IN ${undecided} OR verdict NOT IN ${undecided})`,
      'DESC',
      verdict,
      verdict,
    );
    const first = line(
      'verdict = ? AND (finished_at, run_id) > (?, ?)',
      'ASC',
      verdict,
      other?.finished_at ?? Number.MIN_SAFE_INTEGER,
      other?.run_id ?? '',
    );
    return {
      since: new Date((first ?? latest).finished_at),
      before: other ? toLine(other) : null,
    };
  }
}

/** Verdicts that say nothing of the data. */
const undecided = "('UNVERIFIED', 'ERROR')";

const oneTable = 'pair = ? AND check_kind = ? AND schema_name = ? AND table_name = ?';

interface LineRow {
  run_id: string;
  finished_at: number;
  verdict: ResultLine['verdict'];
  reason: string;
}

function toLine(row: LineRow): ResultLine {
  return {
    runId: row.run_id,
    finishedAt: new Date(row.finished_at),
    verdict: row.verdict,
    reason: row.reason,
  };
}

/**
 * What a run said of each table, at last: found by when it went on, for of that there is an index, and by nothing else.
 */
const saidByRun = `SELECT schema_name, table_name, verdict, reason, max(finished_at) AS said_at
  FROM temp.all_result_line WHERE finished_at >= ? AND finished_at <= ? AND +pair = ? AND +check_kind = ? AND run_id = ?
  GROUP BY schema_name, table_name`;

const changed = `(SELECT schema_name, table_name, here.verdict, here.reason, there.verdict AS was, there.reason AS because
  FROM (${saidByRun}) AS here FULL JOIN (${saidByRun}) AS there USING (schema_name, table_name)
  WHERE here.verdict IS NOT there.verdict)`;

interface ChangeRow {
  schema_name: string;
  table_name: string;
  verdict: ResultLine['verdict'] | null;
  reason: string | null;
  was: ResultLine['verdict'] | null;
  because: string | null;
}

function toChange({
  schema_name: schema,
  table_name: table,
  verdict,
  reason,
  was,
  because,
}: ChangeRow): RunChange {
  const said = (verdict: ChangeRow['verdict'], reason: string | null) =>
    verdict === null ? null : { verdict, reason: reason ?? '' };
  return { schema, table, now: said(verdict, reason), before: said(was, because) };
}

function linesOf({ id, pair, check, startedAt, finishedAt }: Run): SQLInputValue[] {
  return [startedAt.getTime(), finishedAt?.getTime() ?? Number.MAX_SAFE_INTEGER, pair, check, id];
}
