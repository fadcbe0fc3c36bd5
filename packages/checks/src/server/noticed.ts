import type { BrokenConnections } from '../model/server.ts';
import { isOneProcess, type Running } from './running.ts';

/** Clocks of two machines are never quite the same; a smaller change than this is not told. */
const clockStepMs = 1000;
/** An answer that took longer says too little about when it was given. */
const slowestAnswerMs = 2000;

/** Of replacements as soon after each other as this, the first may turn out to have been none. */
const toAndFroMs = 60_000;

/** What was noticed about a server beside whether it can be reached. Methods tell whether that is news. */
export class Noticed {
  readOnly: boolean | null = null;
  readOnlyChanged: Date | null = null;
  clockAheadMs: number | null = null;
  replaced: { before: string; at: Date } | null;
  readonly #brokenWithinMs: number;
  #running: Running | null = null;
  #broken: { at: Date; message: string }[] = [];
  #replacedBefore: { before: string; at: Date } | null = null;
  #firstReadOnly: boolean | null = null;

  /** `replaced`: by what an earlier process noticed. */
  constructor(brokenWithinMs: number, replaced: { before: string; at: Date } | null = null) {
    this.#brokenWithinMs = brokenWithinMs;
    this.replaced = replaced;
  }

  sawReadOnly(readOnly: boolean, at: Date): boolean {
    if (readOnly === this.readOnly) return false;
    this.#firstReadOnly ??= readOnly;
    this.readOnly = readOnly;
    this.readOnlyChanged = readOnly === this.#firstReadOnly ? null : at;
    return true;
  }

  /** `utc` as the server printed it, some time between the two moments of this machine's clock. */
  sawClock(utc: string, sentAt: Date, receivedAt: Date): boolean {
    const server = new Date(`${utc.replace(' ', 'T')}Z`).getTime();
    const took = receivedAt.getTime() - sentAt.getTime();
    if (Number.isNaN(server) || took < 0 || took > slowestAnswerMs) return false;
    const ahead = server - (sentAt.getTime() + took / 2);
    if (this.clockAheadMs !== null && Math.abs(ahead - this.clockAheadMs) < clockStepMs) return false;
    this.clockAheadMs = ahead;
    return true;
  }

  /** Since when the process runs that answers; null where it does not say so, or another one answers since. */
  get runningSince(): Date | null {
    return this.#running && new Date(this.#running.startedAt * 1000);
  }

  /** However its clock is set meanwhile, it was started when it was. */
  sawRunning(running: Running): boolean {
    const before = this.#running;
    const same = before !== null && isOneProcess(before, running);
    this.#running = same ? { ...running, startedAt: before.startedAt } : running;
    return !same;
  }

  /** When another one was started, the next connection says. */
  sawAnotherProcess(): void {
    this.#running = null;
  }

  sawOther(before: string, at: Date): void {
    if (at.getTime() - (this.replaced?.at.getTime() ?? -Infinity) > toAndFroMs) {
      this.#replacedBefore = this.replaced;
    }
    this.replaced = { before, at };
  }

  /** It was no replacement, and nothing changed its role: what answers changes to and fro. */
  sawBalancing(): void {
    this.replaced = this.#replacedBefore;
    this.readOnly = null;
    this.readOnlyChanged = null;
    this.#firstReadOnly = null;
    this.#running = null;
  }

  sawBroken(message: string, at: Date): void {
    this.#broken.push({ at, message });
  }

  /** Of those within the last while. */
  broken(now: Date): BrokenConnections | null {
    const oldest = now.getTime() - this.#brokenWithinMs;
    this.#broken = this.#broken.filter(({ at }) => at.getTime() >= oldest).slice(-1000);
    const last = this.#broken.at(-1);
    return last ? { count: this.#broken.length, withinMs: this.#brokenWithinMs, ...last } : null;
  }
}
