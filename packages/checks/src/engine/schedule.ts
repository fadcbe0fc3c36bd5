import type { Cron } from 'croner';
import type { CheckConfig } from '../config.ts';
import { cronOf } from '../time/cron.ts';
import { type DailyWindow, isOpen, opensAt } from '../time/daily-window.ts';
import { formatDuration } from '../time/duration.ts';

export interface ScheduleOptions {
  schedule: CheckConfig['schedule'];
  /** What is due outside of it waits for it; absent: nothing does. */
  window?: DailyWindow | undefined;
  /**
   * When the work was last done in whole, by whoever asked for it; null when it never was, as far as is known. What was
   * done since it became due need not be done again.
   */
  lastDone: () => Date | null;
  /** Resolves when the work is done, or was put off (false): then it is tried again soon. */
  work: () => Promise<boolean>;
  /** The work failed as nobody expected; it counts as put off. Must not throw. */
  onError: (error: unknown) => void;
}

/** How soon work that was put off (a server is away) is tried again. */
const retryMs = 1000;
/** A timer of more than 2^31 ms would fire at once. */
const longestTimerMs = 2_000_000_000;
/** What goes by a clock on the wall looks at it this often: it may be set, and timers go on by what it showed. */
const lookMs = 60_000;
/** Timers are early by less, and clocks are slewed by less. */
const stepMs = 1000;

/**
 * Does something by a cron pattern, or at an interval counted from the end of the last time; never twice at once. What
 * could not be done when it was due is made up for as soon as it can, also what became due while nobody was there.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #cron: Cron | null;
  #timer: NodeJS.Timeout | undefined;
  #due: Date | null = null;
  /** How far the clock on the wall was ahead of the one that only goes on when it was looked at last, in ms. */
  #ahead = 0;
  #stopped = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { schedule } = options;
    this.#cron = 'cron' in schedule ? cronOf(schedule) : null;
  }

  start(): void {
    const { schedule, lastDone } = this.#options;
    const last = lastDone();
    if ('everyMs' in schedule) {
      const due = last ? last.getTime() + schedule.everyMs : Date.now();
      this.#at(new Date(Math.min(Date.now() + schedule.everyMs, due)));
    } else this.#at(this.#cron?.nextRun(last ? new Date(this.#lastDone()) : new Date()) ?? null);
  }

  stop(): void {
    this.#stopped = true;
    this.#cron?.stop();
    clearTimeout(this.#timer);
  }

  /** When the work is due next; in the past while it is still to be made up for; null while it is being done. */
  get next(): Date | null {
    return this.#stopped || !this.#due ? null : this.#beginOf(this.#due);
  }

  #beginOf(due: Date): Date {
    const { window } = this.#options;
    const now = new Date();
    if (!window || (due <= now && isOpen(window, now))) return due;
    return opensAt(window, due > now ? due : now);
  }

  #at(due: Date | null): void {
    if (this.#stopped) return;
    this.#due = due;
    if (due) this.#arm(due, this.#beginOf(due).getTime() - Date.now());
  }

  #arm(due: Date, ms: number): void {
    const longest = this.#cron || this.#options.window ? lookMs : longestTimerMs;
    const far = ms > longest;
    this.#ahead = ahead();
    this.#timer = setTimeout(
      () => (far ? this.#at(this.#asShownNow(due)) : void this.#tick(due)),
      far ? longest : Math.max(0, ms),
    );
  }

  /** What was due by a clock that was set back since may come earlier than that. */
  #asShownNow(due: Date): Date | null {
    const wasSetBack = ahead() < this.#ahead - stepMs;
    return this.#cron && wasSetBack ? this.#cron.nextRun() : due;
  }

  async #tick(due: Date): Promise<void> {
    const { schedule, window, work, onError } = this.#options;
    if (this.#cron && due.getTime() > Date.now() + stepMs) {
      this.#at(this.#asShownNow(due));
      return;
    }
    if (window && !isOpen(window, new Date())) {
      this.#at(due);
      return;
    }
    let done = this.#wasDone(due);
    if (!done) {
      this.#due = 'cron' in schedule ? (this.#cron?.nextRun() ?? null) : null;
      done = await work().catch((error: unknown) => {
        onError(error);
        return false;
      });
    }
    if (this.#stopped) return;
    if (done) {
      this.#at(this.#following());
      return;
    }
    this.#due = due;
    const retry = 'everyMs' in schedule ? Math.min(retryMs, schedule.everyMs) : retryMs;
    this.#arm(due, Math.max(retry, this.#beginOf(due).getTime() - Date.now()));
  }

  /** By somebody else's hand. What lies in the future was not: the clock was set back since. */
  #wasDone(due: Date): boolean {
    const { schedule, lastDone } = this.#options;
    const last = lastDone()?.getTime() ?? -Infinity;
    if (last > Date.now()) return false;
    return 'everyMs' in schedule ? last + schedule.everyMs > Date.now() : last >= due.getTime();
  }

  /** What lies in the future was done before the clock was set back: it counts as done now. */
  #lastDone(): number {
    return Math.min(this.#options.lastDone()?.getTime() ?? -Infinity, Date.now());
  }

  #following(): Date | null {
    const { schedule } = this.#options;
    if ('cron' in schedule) return this.#cron?.nextRun() ?? null;
    // What was done without becoming the last whole time, e.g. because it was cancelled, counts from now.
    const last = this.#lastDone();
    const from = last + schedule.everyMs > Date.now() ? last : Date.now();
    return new Date(from + schedule.everyMs);
  }
}

function ahead(): number {
  return Date.now() - performance.now();
}

/** As shown: the pattern, with its time zone where it has one of its own, or "every 6 h". */
export function describeSchedule(schedule: CheckConfig['schedule']): string {
  if ('cron' in schedule) {
    return schedule.timeZone === undefined ? schedule.cron : `${schedule.cron} ${schedule.timeZone}`;
  }
  return `every ${formatDuration(schedule.everyMs)}`;
}
