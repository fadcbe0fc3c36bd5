import { v7 as uuid } from 'uuid';
import type { Alert, Seen, Severity } from '../model/alert.ts';
import { formatTableName } from '../table-name.ts';
import { formatDuration } from '../time/duration.ts';
import type { Condition } from './condition/condition.ts';
import { milder, worse } from './severity.ts';

/** What holds for a condition after configuration and history had their say. */
export interface Policy {
  forMs: number;
  keepFiringForMs: number;
  /** How often it came lately, when that is too often. */
  flapping: number | null;
}

/**
 * One alert on its way: pending while its condition lasts, firing once it lasted `forMs`, resolved once it was over for
 * `keepFiringForMs`. Only time in which the condition was seen counts: what is unknown brings it no nearer to either.
 * But what nobody was told yet ends where it turns out that there is no one server that it could be true of.
 */
export class OpenAlert {
  /** As of the last observation; replaced, never changed. */
  alert: Alert;
  follows: string[] = [];
  /** The last observation that said something of it, or in which it came. */
  judgedIn = 0;
  #last: Condition['status'] = 'unknown';
  #heldMs: number;
  /** When its condition was last seen to hold. */
  #seenAt: Date | null;
  /** How long the condition is over; null while it is not. */
  #overMs: number | null = null;

  private constructor(alert: Alert, heldMs: number) {
    this.alert = alert;
    this.#heldMs = heldMs;
    this.#seenAt = alert.last?.at ?? null;
  }

  static begin(condition: Condition, at: Date): OpenAlert {
    const { rule, fingerprint, subject, severity, summary, evidence } = condition;
    const seen = seenIn(condition, severity, evidence, at);
    const alert: Alert = {
      id: uuid(),
      fingerprint,
      rule,
      severity,
      state: 'pending',
      pair: subject.pair ?? null,
      server: subject.server ?? null,
      table: subject.table ? formatTableName(subject.table) : null,
      tableName: subject.table ?? null,
      summary,
      evidence,
      wasWrong: evidence,
      first: seen,
      worst: seen,
      last: seen,
      startedAt: at,
      firedAt: null,
      updatedAt: at,
      resolvedAt: null,
      noData: false,
      acknowledged: null,
      silencedUntil: null,
      inhibitedBy: null,
    };
    return new OpenAlert(alert, 0);
  }

  /**
   * Goes on with an alert of an earlier process; what passed in between was seen by nobody and does not count. Where
   * the clock was set back meanwhile, it is not known how long it lasted.
   */
  static restore(alert: Alert): OpenAlert {
    return new OpenAlert(alert, Math.max(0, alert.updatedAt.getTime() - alert.startedAt.getTime()));
  }

  /** `elapsedMs`: since the last observation. Answers whether the condition came (back). */
  observe(condition: Condition, policy: Policy, elapsedMs: number, at: Date): boolean {
    this.follows = condition.follows ?? [];
    const before = this.#last;
    const severity = this.#severityBy(condition);
    this.#last = condition.status === 'false' && severity ? 'true' : condition.status;
    switch (this.#last) {
      case 'true':
        return this.#holds(condition, severity ?? condition.severity, policy, before, elapsedMs, at);
      case 'false':
        this.#isOver(condition, policy, before === 'false' ? elapsedMs : 0, at);
        return false;
      case 'unknown':
        if (condition.ofSeveral !== undefined && this.alert.state === 'pending') {
          this.resolve(condition.ofSeveral, at);
        } else this.change({ noData: true, evidence: condition.evidence }, at);
        return false;
    }
  }

  resolve(evidence: string, at: Date): void {
    const clearingSince = this.alert.clearingSince && { clearingSince: null };
    this.change(
      { state: 'resolved', resolvedAt: at, evidence, noData: false, ...this.#lastSeen(), ...clearingSince },
      at,
    );
  }

  change(changes: Partial<Alert>, at: Date): void {
    const keys = Object.keys(changes) as (keyof Alert)[];
    if (keys.every((key) => changes[key] === this.alert[key])) return;
    this.alert = { ...this.alert, ...changes, updatedAt: at };
  }

  /** The severity at which the alert is or goes on; null when the condition gives it no reason to. */
  #severityBy({ status, severity, keeps }: Condition): Severity | null {
    if (status === 'unknown') return null;
    const raised = status === 'true' ? severity : null;
    if (this.alert.state !== 'firing' || !keeps) return raised;
    const kept = milder(this.alert.severity, keeps);
    return raised ? worse(raised, kept) : kept;
  }

  #holds(
    condition: Condition,
    severity: Severity,
    { forMs, flapping }: Policy,
    before: Condition['status'],
    elapsedMs: number,
    at: Date,
  ): boolean {
    const { summary, evidence } = condition;
    if (before === 'true') this.#heldMs += elapsedMs;
    const returned = this.alert.state === 'firing' && this.#overMs !== null;
    this.#overMs = null;
    const fires = this.alert.state === 'pending' && this.#heldMs >= forMs;
    const named = flapping === null ? evidence : `${evidence} (flapping: ${flapping} times in the last hour)`;
    this.change(
      { summary, severity, noData: false, evidence: named, wasWrong: named, ...over(this.alert) },
      at,
    );
    this.#see(seenIn(condition, severity, named, at));
    if (fires) this.change({ state: 'firing', firedAt: at }, at);
    // `updatedAt` tells the next process how long it lasted.
    else if (this.alert.state === 'pending' && at.getTime() - this.alert.updatedAt.getTime() >= 60_000) {
      this.alert = { ...this.alert, updatedAt: at };
    }
    return fires || returned;
  }

  #isOver({ evidence }: Condition, { keepFiringForMs, flapping }: Policy, elapsedMs: number, at: Date): void {
    this.#overMs = (this.#overMs ?? 0) + elapsedMs;
    if (this.alert.state === 'pending' || this.#overMs >= keepFiringForMs) {
      this.resolve(evidence, at);
      return;
    }
    const why = flapping === null ? '' : `, flapping: ${flapping} times in the last hour`;
    const wait = `resolves once it stayed so for ${formatDuration(keepFiringForMs)}${why}`;
    const { clearingSince } = this.alert;
    this.change(
      {
        noData: false,
        evidence: `${evidence} (${wait})`,
        clearingSince: clearingSince ?? at,
        ...this.#lastSeen(),
      },
      at,
    );
  }

  #lastSeen(): Pick<Alert, 'last'> | undefined {
    const { last } = this.alert;
    return last && this.#seenAt && this.#seenAt > last.at
      ? { last: { ...last, at: this.#seenAt } }
      : undefined;
  }

  /** A moment alone is no news: it is noted when the condition is over. */
  #see(seen: Seen): void {
    const { first = seen, worst = seen, last } = this.alert;
    const isWorse = worseThan(seen, worst);
    if (!isWorse && last && last.evidence === seen.evidence && last.severity === seen.severity) {
      this.#seenAt = seen.at;
      return;
    }
    this.#seenAt = seen.at;
    this.alert = { ...this.alert, first, worst: isWorse ? seen : worst, last: seen };
  }
}

function over({ clearingSince }: Alert): Partial<Alert> {
  return clearingSince ? { clearingSince: null } : {};
}

function seenIn({ size }: Condition, severity: Severity, evidence: string, at: Date): Seen {
  return { at, severity, evidence, size: size ?? null };
}

function worseThan(seen: Seen, worst: Seen): boolean {
  if (seen.severity !== worst.severity) return worse(seen.severity, worst.severity) === seen.severity;
  return (seen.size ?? -Infinity) > (worst.size ?? -Infinity);
}
