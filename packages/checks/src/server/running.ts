import { performance } from 'node:perf_hooks';
import type { Flavour } from '../model/server.ts';
import type { SqlRow } from './sql-server.ts';

/** How long a process has run, as it says itself; a restart and a copy of a server begin anew. */
export interface Running {
  /** When it started, in s on its own clock: it stays the same while that clock is moved. */
  startedAt: number;
  upSeconds: number;
  /** Absent where it does not say so. */
  drawn?: Drawn;
}

/** A number that a process gives once: it begins with the second of its start, and grows from one to the next. */
export interface Drawn {
  number: bigint;
  /** Between these moments on Node's monotonic clock, in ms. */
  fromMs: number;
  toMs: number;
}

/**
 * Its uptime, and its clock before and after that was read, in one statement: between two it may stand still; and a
 * number that no other process has, unless it was started in the same second: an uptime tells less exactly. Besides,
 * how many statements the session was asked, for it costs nothing more. Everybody may ask it.
 */
export function uptimeStatement(flavour: Flavour): string {
  const table =
    flavour === 'mysql' ? 'performance_schema.session_status' : 'information_schema.SESSION_STATUS';
  const value = (name: string) => `MAX(IF(VARIABLE_NAME = '${name}', VARIABLE_VALUE, NULL))`;
  return `SELECT ${value('Uptime')} AS uptime, ${value('Questions')} AS questions,
    @@timestamp AS began, UNIX_TIMESTAMP(SYSDATE(6)) AS ended, CONCAT(UUID_SHORT()) AS drawn
    FROM ${table} WHERE VARIABLE_NAME IN ('Uptime', 'Questions')`;
}

/** An uptime is in whole seconds, and the clock is read within one of it. */
const toleranceSeconds = 2;
const longestSeconds = 1;

/** Of the answer to what was asked then, as `Drawn` has it; null where it does not say so, or stood still meanwhile. */
export function runningFrom(rows: readonly SqlRow[] | undefined, askedAtMs = -Infinity): Running | null {
  const [upSeconds, began, ended] = ['uptime', 'began', 'ended'].map((name) =>
    Number.parseFloat(String(rows?.[0]?.[name])),
  ) as [number, number, number];
  // NaN where one of them is missing.
  if (!(Math.abs(ended - began) <= longestSeconds && Number.isFinite(upSeconds))) return null;
  const drawn = String(rows?.[0]?.['drawn']);
  const startedAt = began - upSeconds;
  // What is no moment of any clock.
  if (Number.isNaN(new Date(startedAt * 1000).getTime())) return null;
  return {
    startedAt,
    upSeconds,
    ...(/^\d{1,20}$/.test(drawn) && {
      drawn: { number: BigInt(drawn), fromMs: askedAtMs, toMs: performance.now() },
    }),
  };
}

/**
 * Where these begin with the server's number and the second of its start, 2^24 are left for a process to count. One
 * that was started in the next second has given fewer, maybe, than the other: half as many tell the two apart.
 */
const countedWithin = 2n ** 23n;
/** In a longer time than this an application may draw as many. */
const countedSeconds = 120;

export function isOneProcess(before: Running, now: Running): boolean {
  return Math.abs(now.startedAt - before.startedAt) <= toleranceSeconds && areOfOne(before, now);
}

function areOfOne({ drawn: before, ...one }: Running, { drawn: now, ...other }: Running): boolean {
  if (!before || !now) return true;
  const apart = now.number - before.number;
  const soon = Math.abs(other.upSeconds - one.upSeconds) <= countedSeconds;
  if (soon && (apart >= countedWithin || -apart >= countedWithin)) return false;
  if (before.toMs <= now.fromMs) return apart > 0n;
  return now.toMs > before.fromMs || apart < 0n;
}

/**
 * Whether it ran already while another process of the same name did, so that it is not that one, started again: a copy
 * of its data, uuid and all, or what was copied. `silentMs`: for how long the other was not heard of.
 */
export function ranBeside(before: Running, now: Running, silentMs: number): boolean {
  if (isOneProcess(before, now)) return false;
  return (now.upSeconds - toleranceSeconds) * 1000 > silentMs;
}
