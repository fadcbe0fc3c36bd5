import type { AlertRule, Severity } from './alert.ts';
import type { Run } from './run.ts';
import type { DifferenceCounts } from './verdict.ts';

/** Open alerts of one kind, of one pair or server. */
export interface AlertTally {
  /** Null for conditions of a server. */
  pair: string | null;
  server: string | null;
  rule: AlertRule;
  severity: Severity;
  state: 'pending' | 'firing';
  /** At least 1. */
  count: number;
}

/** Rows that differ in all tables of a pair, by what is known now. */
export interface RowTally extends Readonly<DifferenceCounts> {
  pair: string;
}

/** What is counted for metrics, from memory. */
export interface Tallies {
  openAlerts: AlertTally[];
  differingRows: RowTally[];
  /** Of each pair and check the last one over all tables that finished or failed. */
  lastRuns: Run[];
}
