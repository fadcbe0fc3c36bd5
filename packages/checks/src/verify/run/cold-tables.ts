import type { CheckKind } from '../../model/verdict.ts';
import { atLeast } from '../../server/flavour.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { text } from '../../server/sql-text.ts';
import { tableId, type TableName } from '../../table-name.ts';

/** When a table was last written on one server, as of one look. */
export interface WriteStamp {
  /** UPDATE_TIME, to the second, by the server's clock. */
  written: number;
  /** When it was asked, by the same clock. */
  asked: number;
  /** The same by the monitor's own monotonic clock, in seconds: where the two disagree, the server's was set. */
  seen: number;
}

export interface ColdMatch {
  source: WriteStamp;
  target: WriteStamp;
  /** Of everything that the comparison's meaning depends on. */
  signature: string;
  comparedAt: Date;
  rows: number;
}

/** A write in the very second of UPDATE_TIME could not be told from the last one; later ones can. */
const settledAfterSeconds = 3;
/** Less than it takes to come back to a second that had settled. */
const clockToleranceSeconds = 2;
const slowMs = 500;

/**
 * Tables that matched, and when they were last written on both sides: one that provably was not written since need
 * not be compared again until the next full pass. What proves it is UPDATE_TIME of InnoDB on MySQL 8 and later, which
 * is the time of the commit. MariaDB's is the time of the statement: a transaction that was open while the table was
 * compared and commits later leaves it as it was, so there no table is ever called cold. Nor is one that the server
 * does not know the time of (not written since its start, or partitioned), nor any whose server's clock was set since.
 * What it does not prove is EXCHANGE PARTITION with a partition that was last written in the very same second.
 */
export class ColdTables {
  readonly #fullPassMs: number;
  readonly #matches = new Map<string, ColdMatch>();

  /** `fullPassMs`: how old a comparison may be that is still relied on; 0 compares always. */
  constructor(fullPassMs: number) {
    this.#fullPassMs = fullPassMs;
  }

  get enabled(): boolean {
    return this.#fullPassMs > 0;
  }

  remember(check: CheckKind, name: TableName, match: ColdMatch): void {
    this.#matches.set(idOf(check, name), match);
  }

  forget(check: CheckKind, name: TableName): void {
    this.#matches.delete(idOf(check, name));
  }

  /** The comparison that still holds; null when the table has to be compared. */
  stillHolds(
    check: CheckKind,
    name: TableName,
    signature: string,
    now: { source: WriteStamp; target: WriteStamp },
  ): ColdMatch | null {
    const match = this.#matches.get(idOf(check, name));
    if (match?.signature !== signature) return null;
    // By whichever clock more has passed: one may have been set back, the other stands still while the machine sleeps.
    const ageMs = Math.max(
      Date.now() - match.comparedAt.getTime(),
      performance.now() - match.source.seen * 1000,
    );
    if (ageMs >= this.#fullPassMs) return null;
    return unwritten(match.source, now.source) && unwritten(match.target, now.target) ? match : null;
  }
}

function unwritten(before: WriteStamp, now: WriteStamp): boolean {
  return (
    before.written === now.written &&
    before.asked >= before.written + settledAfterSeconds &&
    Math.abs(now.asked - before.asked - (now.seen - before.seen)) <= clockToleranceSeconds
  );
}

/** Null when the server cannot tell. */
export async function readWriteStamp(
  server: SqlServer,
  name: TableName,
  options: QueryOptions,
): Promise<WriteStamp | null> {
  const { facts } = server;
  if (facts?.flavour !== 'mysql' || !atLeast(facts.version, [8, 0, 3])) return null;
  const began = performance.now();
  const [row] = await server.query(
    `SELECT UNIX_TIMESTAMP(UPDATE_TIME) AS written, UNIX_TIMESTAMP() AS asked FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = ${text(name.schema)} AND TABLE_NAME = ${text(name.table)} AND ENGINE = 'InnoDB'
         AND CREATE_OPTIONS NOT LIKE '%partitioned%'`,
    undefined,
    options,
  );
  const seenMs = performance.now();
  // Of a slow answer it is not known what second it is of.
  if (!row || row.written === null || seenMs - began > slowMs) return null;
  return { written: Number(row.written), asked: Number(row.asked), seen: seenMs / 1000 };
}

function idOf(check: CheckKind, name: TableName): string {
  return `${check} ${tableId(name)}`;
}
