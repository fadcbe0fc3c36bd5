import type { Basis } from './basis.ts';

export type Verdict = 'MATCH' | 'DIFFERENT' | 'SCHEMA_DIFFERS' | 'MISSING' | 'UNVERIFIED' | 'ERROR';

export type DifferenceKind = 'missing' | 'surplus' | 'changed';

/** A cell as the server prints it; binary content as hex. */
export interface CellValue {
  /** Null is SQL NULL. */
  text: string | null;
  /** `absent`: there is no such row on this side. */
  encoding: 'text' | 'hex' | 'masked' | 'absent';
  /** Length in bytes on the server; `text` may be cut. */
  bytes: number | null;
  truncated: boolean;
}

export interface ChangedCell {
  column: string;
  source: CellValue;
  target: CellValue;
}

/** One look at both sides in the course of confirming a difference. */
export interface RoundEvidence {
  at: Date;
  /** The source's position that the target had applied before it was read. */
  position: string | null;
  /**
   * Of the row on the source before and after, and on the target in between, a hash that only the process which found
   * it can make; null = no such row.
   */
  sourceBefore: string | null;
  target: string | null;
  sourceAfter: string | null;
}

/** One row that is not the same, confirmed. */
export interface RowDifference {
  /** `missing`: on the source only; `surplus`: on the target only; `changed`: on both, not the same. */
  kind: DifferenceKind;
  /**
   * Key columns in key order; for a table without a key, the whole row: values that go on end with `…`, and of very
   * many wide rows only some values are here.
   */
  key: Record<string, string | null>;
  /** Names of the columns that differ; empty for missing and surplus rows. */
  columns: string[];
  /** Of the columns that differ; of a missing or surplus row of all that are compared, on the side that has it. */
  cells: ChangedCell[];
  /** How many identical rows this stands for; 1 but in tables without a key. */
  count: number;
  /** What names the row where there is no key: the hash of all that it holds. Absent where something is masked. */
  contentHash?: string;
  rounds: RoundEvidence[];
}

export interface SchemaDifference {
  /** e.g. `column email`, `primary key`, `table`. */
  object: string;
  source: string | null;
  target: string | null;
  message: string;
}

export interface DifferenceCounts {
  missing: number;
  surplus: number;
  changed: number;
}

/** Rows that are not the same, of whatever kind. */
export function differing({ missing, surplus, changed }: DifferenceCounts): number {
  return missing + surplus + changed;
}

/** `checksum` compares content, `consistency` compares which rows are there (row counts). */
export const checkKinds = ['checksum', 'consistency'] as const;
export type CheckKind = (typeof checkKinds)[number];

export type CheckMethod = 'rows' | 'native' | 'count';

/** Digests of what a table is on both sides; null where it is not. */
export interface DefinitionDigests {
  source: string | null;
  target: string | null;
}

/** What is known of one table of a pair after a run looked at it. */
export interface TableResult {
  pair: string;
  check: CheckKind;
  schema: string;
  table: string;
  verdict: Verdict;
  /** One sentence of evidence, never empty. */
  reason: string;
  method: CheckMethod;
  runId: string;
  startedAt: Date;
  finishedAt: Date;
  /** Rows of the source that were compared. */
  rowsCompared: number;
  /** Row counts of both sides; exact when `rowCountsExact`, else null. */
  sourceRows: number | null;
  targetRows: number | null;
  chunks: number;
  /** The source's position as of which the verdict holds; null without positions. */
  position: string | null;
  /** Absent where nothing was compared, and in what earlier versions kept. */
  basis?: Basis;
  /** Absent where no definitions were read, and in what earlier versions kept. */
  definedAs?: DefinitionDigests;
  differences: DifferenceCounts;
  schemaDifferences: SchemaDifference[];
  /** Masks that were written for this table, and no column of it is called so. Absent where there are none. */
  unfitMasks?: string[];
  /** The replication filter that keeps the table from the target, where that explains what was found. */
  excludedBy?: string;
  /**
   * Of a count: what a count before it found that no comparison of content has looked at since, and when. Absent where
   * there is nothing of that.
   */
  countedBefore?: { at: Date; reason: string };
  /**
   * What the clock had shown already when something was found of this table before. Absent where it shows more since,
   * as it does unless it was set back.
   */
  foundAfter?: Date;
  /** Confirmed rows, at most the configured limit; `differences` counts all of them. */
  rows: RowDifference[];
}
