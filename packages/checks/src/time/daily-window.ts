import { wallClock } from './wall-clock.ts';

/**
 * A time of the day, in minutes since midnight, every day: from `from` on, before `to`; over midnight where `to` is
 * the earlier one. What counts is what a clock on the wall shows: an hour that is shown twice in the night in which
 * clocks are set back is in it twice, and one that is left out is in it not at all.
 */
export interface DailyWindow {
  from: number;
  to: number;
  /** e.g. `Europe/Berlin`; null: that of the process. */
  timeZone: string | null;
}

const MINUTE = 60_000;
const DAY = 24 * 60;
/** A turn further away than this there is none: every day has its two, give or take a clock that is set. */
const longest = 3 * DAY;

/** From when to when what is known of a window holds: asked twice a second, for every pair. */
const known = new WeakMap<DailyWindow, { since: number; turn: number; open: boolean }>();

export function isOpen(window: DailyWindow, at: Date): boolean {
  return look(window, at.getTime()).open;
}

/** When it closes, where it is open at that time, or else opens. */
export function turnsAt(window: DailyWindow, at: Date): Date {
  return new Date(look(window, at.getTime()).turn);
}

/** The time itself where it is open then. */
export function opensAt(window: DailyWindow, at: Date): Date {
  return isOpen(window, at) ? at : turnsAt(window, at);
}

/** The next time, where it is open, or else the time after the next opening. */
export function closesAt(window: DailyWindow, at: Date): Date {
  return turnsAt(window, opensAt(window, at));
}

/** `02:00–05:00 Europe/Berlin`. */
export function describeWindow({ from, to, timeZone }: DailyWindow): string {
  const hours = `${clockTime(from)}–${clockTime(to)}`;
  return timeZone === null ? hours : `${hours} ${timeZone}`;
}

function clockTime(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function look(window: DailyWindow, at: number): { since: number; turn: number; open: boolean } {
  const before = known.get(window);
  if (before && at >= before.since && at < before.turn) return before;
  const since = Math.floor(at / MINUTE) * MINUTE;
  const open = shownIn(window, since);
  const now = { since, turn: turnAfter(window, since, open), open };
  known.set(window, now);
  return now;
}

function turnAfter(window: DailyWindow, since: number, open: boolean): number {
  const edge = (open ? window.to : window.from) % DAY;
  const ahead = (edge - wallClock(since, window.timeZone) + DAY) % DAY || DAY;
  const turn = since + ahead * MINUTE;
  // Where the clock is set meanwhile it shows something else by then, and minutes have to be looked at one by one.
  if (wallClock(turn, window.timeZone) === edge) return turn;
  for (let n = 1; n <= longest; n++) {
    if (shownIn(window, since + n * MINUTE) !== open) return since + n * MINUTE;
  }
  return since + longest * MINUTE;
}

function shownIn({ from, to, timeZone }: DailyWindow, at: number): boolean {
  const shown = wallClock(at, timeZone);
  return from < to ? shown >= from && shown < to : shown >= from || shown < to;
}
