import { Cron } from 'croner';
import type { CheckConfig } from '../config.ts';
import { formatDuration } from '../time/duration.ts';

export interface ScheduleOptions {
  schedule: CheckConfig['schedule'];
  /** When the check last ended, as far as is known; an interval counts from there. */
  lastRun: Date | null;
  /** Resolves when the work is done, or was put off (false): then it is tried again soon. Never rejects. */
  work: () => Promise<boolean>;
}

/** How soon an interval's work that was put off (a server is away) is tried again. */
const retryMs = 1000;
/** A timer of more than 2^31 ms would fire at once. */
const longestTimerMs = 2_000_000_000;

/** Does something by a cron pattern, or at an interval counted from the end of the last time; never twice at once. */
export class Schedule {
  readonly #options: ScheduleOptions;
  #cron: Cron | null = null;
  #timer: NodeJS.Timeout | undefined;
  #next: Date | null = null;
  #stopped = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    const { schedule, lastRun, work } = this.#options;
    if ('cron' in schedule) {
      // `protect`: a run that takes longer than the pattern's step is not started a second time.
      this.#cron = new Cron(schedule.cron, { protect: true, catch: true }, async () => {
        await work();
      });
    } else {
      const due = lastRun ? lastRun.getTime() + schedule.everyMs - Date.now() : 0;
      this.#in(Math.min(schedule.everyMs, Math.max(0, due)));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cron?.stop();
    clearTimeout(this.#timer);
  }

  get next(): Date | null {
    return this.#stopped ? null : (this.#cron?.nextRun() ?? this.#next);
  }

  #in(ms: number): void {
    if (this.#stopped) return;
    this.#next = new Date(Date.now() + ms);
    this.#arm();
  }

  #arm(): void {
    const left = (this.#next?.getTime() ?? 0) - Date.now();
    this.#timer =
      left > longestTimerMs
        ? setTimeout(() => this.#arm(), longestTimerMs)
        : setTimeout(() => void this.#tick(), Math.max(0, left));
  }

  async #tick(): Promise<void> {
    const { schedule, work } = this.#options;
    if (!('everyMs' in schedule)) return;
    this.#next = null;
    const done = await work();
    this.#in(done ? schedule.everyMs : Math.min(retryMs, schedule.everyMs));
  }
}

/** As shown: the pattern, or "every 6 h". */
export function describeSchedule(schedule: CheckConfig['schedule']): string {
  return 'cron' in schedule ? schedule.cron : `every ${formatDuration(schedule.everyMs)}`;
}
