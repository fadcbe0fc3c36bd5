import type { DifferenceCounts, RowDifference } from './verdict.ts';

/** How far a run has come in the table that it is at, for one that is cut off to go on from there. Plain JSON. */
export interface TableCheckpoint {
  schema: string;
  table: string;
  startedAt: string;
  /** When it was made; absent in what earlier versions kept. */
  madeAt?: string;
  position: string | null;
  /** Of everything that the chunks' meaning depends on: definitions, servers, row expression, condition. */
  signature: string;
  /** All rows up to this key are compared. */
  upTo: StoredKey;
  tally: TallyRecord;
}

/** A key in JSON: bytes in hex. */
export type StoredKey = (string | number | null | { hex: string })[];

/** A tally as it is kept in a checkpoint. */
export interface TallyRecord {
  differences: DifferenceCounts;
  rows: RowDifference[];
  rowsCompared: number;
  chunks: number;
  hot: number;
  oversized: number;
  unnamed: number;
  /** Absent in what earlier versions kept. */
  apart?: number;
  reasons: string[];
}
