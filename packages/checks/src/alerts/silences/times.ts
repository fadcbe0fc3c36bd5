import { Cron } from 'croner';
import type { Recurrence, Silence } from '../../model/silence.ts';
import { EngineRequestError } from '../../request-error.ts';

/** When a silence holds. */
export interface Times {
  /** Now; null: not now. */
  activeUntil: Date | null;
  /** Next; null while it holds, and when it never will again. */
  nextFrom: Date | null;
}

const minuteMs = 60_000;
/** Longer than this it would hold nearly always, and nobody would see that it does. */
const longestMs = 7 * 24 * 60 * minuteMs;

/** Throws EngineRequestError for a recurrence that makes no sense. */
export function cronOf({ cron, timeZone, durationMs }: Recurrence): Cron {
  if (!(durationMs >= minuteMs && durationMs <= longestMs)) {
    throw new EngineRequestError('INVALID', 'what recurs lasts from 1 minute to 7 days');
  }
  if (cron.trim().split(/\s+/).length !== 5) {
    throw new EngineRequestError(
      'INVALID',
      `"${cron}" is no cron pattern of five fields, such as "0 2 * * SUN"`,
    );
  }
  try {
    // Paused: it only reckons.
    const made = new Cron(cron, { paused: true, ...(timeZone !== null && { timezone: timeZone }) });
    if (made.nextRun() !== null) return made;
  } catch {
    // Said below, in our words.
  }
  const where = timeZone === null ? '' : ` in the time zone ${timeZone}`;
  throw new EngineRequestError(
    'INVALID',
    `"${cron}"${where} never comes: is the pattern or the zone mistyped?`,
  );
}

/** Reckons when a silence holds, anew only when that changes: it is asked once a second. */
export class Timetable {
  readonly #silence: Silence;
  readonly #cron: Cron | null;
  #times: Times = { activeUntil: null, nextFrom: null };
  /** In ms: the times hold from the one until before the other. */
  #holds: [from: number, until: number] = [0, 0];

  /** Throws EngineRequestError for a recurrence that makes no sense. */
  constructor(silence: Silence) {
    this.#silence = silence;
    this.#cron = silence.recurrence && cronOf(silence.recurrence);
  }

  at(now: Date): Times {
    const ms = now.getTime();
    const [from, until] = this.#holds;
    // Below as well: the machine's clock may be set back.
    if (ms < from || ms >= until) {
      this.#times = this.#reckon(ms);
      const next = this.#times.activeUntil ?? this.#times.nextFrom;
      this.#holds = [ms, next?.getTime() ?? Infinity];
    }
    return this.#times;
  }

  #reckon(now: number): Times {
    const { from, until, recurrence, endedAt, skippedUntil } = this.#silence;
    const never = { activeUntil: null, nextFrom: null };
    const end = until?.getTime() ?? Infinity;
    if (endedAt !== null || now >= end) return never;
    if (!recurrence) {
      if (skippedUntil !== null && skippedUntil >= from) return never;
      return now < from.getTime()
        ? { activeUntil: null, nextFrom: from }
        : { activeUntil: until, nextFrom: null };
    }
    const { durationMs } = recurrence;
    const skipped = Math.max(from.getTime() - 1, skippedUntil?.getTime() ?? -Infinity);
    // The first that is not over yet: it began after this.
    const begin = this.#cron?.nextRun(new Date(Math.max(now - durationMs, skipped)));
    if (!begin || begin.getTime() >= end) return never;
    return begin.getTime() <= now
      ? { activeUntil: new Date(Math.min(begin.getTime() + durationMs, end)), nextFrom: null }
      : { activeUntil: null, nextFrom: begin };
  }
}
