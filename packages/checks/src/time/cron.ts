import { Cron } from 'croner';

/** A pattern, and the time zone of what it says, e.g. `Europe/Berlin`; absent: that of the process. */
export interface CronSchedule {
  cron: string;
  timeZone?: string;
}

/** It only reckons. */
export function cronOf({ cron, timeZone }: CronSchedule): Cron {
  return new Cron(cron, { paused: true, ...(timeZone !== undefined && { timezone: timeZone }) });
}
