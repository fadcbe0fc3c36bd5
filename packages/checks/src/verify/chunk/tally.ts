import type { TallyRecord } from '../../model/checkpoint.ts';
import { type DifferenceCounts, differing, type RowDifference } from '../../model/verdict.ts';
import { cellsOf, charsOf, type ShownOfTable } from '../row/shown-bounds.ts';

/**
 * What was found so far: exact counts, and rows up to a limit, so that a table full of differences does not fill
 * memory.
 */
export class Tally {
  readonly differences: DifferenceCounts = { missing: 0, surplus: 0, changed: 0 };
  readonly rows: RowDifference[] = [];
  /** Of the rows, and of those that are being read. */
  readonly shown: ShownOfTable = { chars: 0, cells: 0, cut: false };
  rowsCompared = 0;
  chunks = 0;
  hot = 0;
  oversized = 0;
  /** Rows that look different and cannot be found by what is printed of their keys. */
  unnamed = 0;
  /** Rows that fit the condition on one side only, and are the same on both. */
  apart = 0;
  /** Why parts of the table could not be decided at all. */
  readonly reasons = new Set<string>();

  static from(record: TallyRecord): Tally {
    const tally = new Tally();
    const { differences, rows, reasons, ...counts } = record;
    Object.assign(tally, counts);
    Object.assign(tally.differences, differences);
    tally.rows.push(...rows.map(withDates));
    const { rows: told, shown } = tally;
    const cut = told.some(({ columns, cells }) => columns.length > cells.length);
    Object.assign(shown, { chars: charsOf(told), cells: cellsOf(told), cut });
    for (const reason of reasons) tally.reasons.add(reason);
    return tally;
  }

  toRecord(): TallyRecord {
    const { differences, rows, rowsCompared, chunks, hot, oversized, unnamed, apart, reasons } = this;
    return { differences, rows, rowsCompared, chunks, hot, oversized, unnamed, apart, reasons: [...reasons] };
  }

  /** `maxRows`: parts that were looked at side by side may together have listed more rows than are wanted. */
  add(other: Tally, maxRows: number): void {
    this.differences.missing += other.differences.missing;
    this.differences.surplus += other.differences.surplus;
    this.differences.changed += other.differences.changed;
    this.rows.push(...other.rows.slice(0, Math.max(0, maxRows - this.rows.length)));
    this.rowsCompared += other.rowsCompared;
    this.chunks += other.chunks;
    this.hot += other.hot;
    this.oversized += other.oversized;
    this.unnamed += other.unnamed;
    this.apart += other.apart;
    for (const reason of other.reasons) this.reasons.add(reason);
  }

  /**
   * Takes away what several chunks tell of one row, which one side may have in more than one of them where the other
   * has cut them in an order of its own. As far as rows are listed: what is only counted may be counted again.
   */
  tellOnce(): void {
    const told = new Set<string>();
    const rows = this.rows.filter(({ kind, key }) => {
      const id = JSON.stringify([kind, key]);
      if (told.has(id)) this.differences[kind]--;
      return told.size < told.add(id).size;
    });
    this.rows.splice(0, this.rows.length, ...rows);
  }

  get targetRows(): number {
    return this.rowsCompared - this.differences.missing + this.differences.surplus;
  }

  /** Why not everything could be decided. */
  get undecided(): string[] {
    const reasons = [...this.reasons];
    if (this.hot > 0) {
      reasons.push(`${this.hot} ${this.hot === 1 ? 'row is' : 'rows are'} written too often to be compared`);
    }
    if (this.oversized > 0) {
      reasons.push(
        `${this.oversized} ${this.oversized === 1 ? 'row is' : 'rows are'} larger than the server's max_allowed_packet`,
      );
    }
    if (this.unnamed > 0) {
      reasons.push(
        `${this.unnamed} ${this.unnamed === 1 ? 'row differs' : 'rows differ'} and cannot be named: neither side finds them by their printed key`,
      );
    }
    return reasons;
  }

  /** What else is to be said of the rows; null for nothing. */
  get note(): string | null {
    if (this.apart === 0) return null;
    const rows = this.apart === 1 ? '1 row fits' : `${this.apart.toLocaleString('en')} rows fit`;
    return `${rows} \`where\` on one server only, and ${this.apart === 1 ? 'is' : 'are'} there on both, the same in all that is compared`;
  }

  get different(): boolean {
    return differing(this.differences) > 0;
  }
}

/** A record has been through JSON. */
function withDates(row: RowDifference): RowDifference {
  return { ...row, rounds: row.rounds.map((round) => ({ ...round, at: new Date(round.at) })) };
}
