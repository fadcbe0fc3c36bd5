import type { Flavour } from '../model/server.ts';
import type { SqlRow } from './sql-server.ts';

/** How long a process has run, as it says itself; a restart and a copy of a server begin anew. */
export interface Running {
  /** When it started, in s on its own clock: it stays the same while that clock is moved. */
  startedAt: number;
  upSeconds: number;
}

/**
 * Its uptime, and its clock before and after that was read, in one statement: between two it may stand still. Everybody
 * may ask it.
 */
export function uptimeStatement(flavour: Flavour): string {
  const table =
    flavour === 'mysql' ? 'performance_schema.session_status' : 'information_schema.SESSION_STATUS';
  return `SELECT VARIABLE_VALUE AS uptime, @@timestamp AS began, UNIX_TIMESTAMP(SYSDATE(6)) AS ended
    FROM ${table} WHERE VARIABLE_NAME = 'Uptime'`;
}

/** An uptime is in whole seconds, and the clock is read within one of it. */
const toleranceSeconds = 2;
const longestSeconds = 1;

/** Of the answer; null where it does not say so, or stood still meanwhile. */
export function runningFrom(rows: readonly SqlRow[] | undefined): Running | null {
  const [upSeconds, began, ended] = ['uptime', 'began', 'ended'].map((name) =>
    Number.parseFloat(String(rows?.[0]?.[name])),
  ) as [number, number, number];
  // NaN where one of them is missing.
  if (!(Math.abs(ended - began) <= longestSeconds && Number.isFinite(upSeconds))) return null;
  return { startedAt: began - upSeconds, upSeconds };
}

export function isOneProcess(before: Running, now: Running): boolean {
  return Math.abs(now.startedAt - before.startedAt) <= toleranceSeconds;
}

/**
 * Whether it ran already while another process of the same name did, so that it is not that one, started again: a copy
 * of its data, uuid and all, or what was copied. `silentMs`: for how long the other was not heard of.
 */
export function ranBeside(before: Running, now: Running, silentMs: number): boolean {
  if (isOneProcess(before, now)) return false;
  return (now.upSeconds - toleranceSeconds) * 1000 > silentMs;
}
