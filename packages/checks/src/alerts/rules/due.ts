import { Cron } from 'croner';
import type { PairConfig } from '../../config.ts';
import type { StandingResult } from '../condition/snapshot.ts';

/** Asked every second for what stays the same, and a cron pattern takes a while. */
const known = new WeakMap<StandingResult, Date | null>();

/** When the check that verified the table was to do so again; null when its schedule promises nothing. */
export function dueAgain(result: StandingResult, { checks }: PairConfig): Date | null {
  const { enabled, schedule } = checks[result.check];
  if (!enabled) return null;
  if ('everyMs' in schedule) return new Date(result.finishedAt.getTime() + schedule.everyMs);
  let due = known.get(result);
  if (due === undefined) {
    due = new Cron(schedule.cron).nextRun(result.finishedAt);
    known.set(result, due);
  }
  return due;
}
