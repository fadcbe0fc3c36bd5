import type { CheckConfig, PairConfig } from '../../config.ts';
import { cronOf } from '../../time/cron.ts';
import { closesAt } from '../../time/daily-window.ts';
import { Kept } from '../condition/kept.ts';
import type { StandingResult } from '../condition/snapshot.ts';

/** Asked every second for what stays the same, and a cron pattern or a time zone takes a while. */
const known = new Kept<Date | null>();

/** When the check that verified the table was to do so again; null when its schedule promises nothing. */
export function dueAgain(result: StandingResult, { checks }: PairConfig): Date | null {
  const { enabled, schedule, window } = checks[result.check];
  if (!enabled) return null;
  if ('everyMs' in schedule && !window) return dueAfter(result.finishedAt, schedule);
  let due = known.get(result);
  if (due === undefined) {
    due = dueAfter(result.finishedAt, schedule);
    // Until the window is over it has time.
    if (window && due) due = closesAt(window, due);
    known.set(result, due);
  }
  return due;
}

function dueAfter(at: Date, schedule: CheckConfig['schedule']): Date | null {
  if ('everyMs' in schedule) return new Date(at.getTime() + schedule.everyMs);
  return cronOf(schedule).nextRun(at);
}
