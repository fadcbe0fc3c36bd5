import type { SqlRow } from './sql-server.ts';

/** How long a process has run, as it says itself; a restart and a copy of a server begin anew. */
export interface Running {
  /** When it started, in s on its own clock: it stays the same while that clock is moved. */
  startedAt: number;
  upSeconds: number;
}

/** An item of a SELECT that is sent beside the question for the uptime. */
export const clockItem = '@@timestamp AS clock';

/** Of the answers to both. */
export function runningOf(uptime: SqlRow[] | undefined, select: SqlRow[] | undefined): Running | null {
  return runningFrom(
    new Map([
      ['timestamp', String(select?.[0]?.['clock'])],
      ['Uptime', String(uptime?.[0]?.['Value'])],
    ]),
  );
}

/** Each is told in whole seconds, and the two are asked one after the other. */
const toleranceSeconds = 2;

/** Null where it does not say so. */
export function runningFrom(variables: ReadonlyMap<string, string>): Running | null {
  const [now, upSeconds] = ['timestamp', 'Uptime'].map((name) =>
    Number.parseFloat(variables.get(name) ?? ''),
  );
  if (now === undefined || upSeconds === undefined || !Number.isFinite(now - upSeconds)) return null;
  return { startedAt: now - upSeconds, upSeconds };
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
