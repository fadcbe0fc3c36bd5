import type { Run } from '../model/run.ts';
import type { CheckKind } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import type { PairCheck } from '../verify/run/pair-check.ts';

/**
 * Runs that are under way or wait for their turn. A check of a pair never overlaps itself; checks of other kinds and
 * other pairs go on beside it.
 */
export class RunDesk {
  readonly #active = new Map<string, PairCheck>();
  readonly #lines = new Map<string, Promise<unknown>>();

  /** Queues a run behind those of the same pair and check. Resolves with the finished run. */
  submit(check: PairCheck): Promise<Run> {
    const { pair, check: kind } = check.run;
    const line = lineOf(pair, kind);
    this.#active.set(check.id, check);
    const turn = (this.#lines.get(line) ?? Promise.resolve())
      .then(() => check.execute())
      .finally(() => this.#active.delete(check.id));
    this.#lines.set(line, turn);
    return turn;
  }

  active(pair?: string): Run[] {
    return [...this.#active.values()].map(({ run }) => run).filter((run) => !pair || run.pair === pair);
  }

  has(pair: string, check: CheckKind): boolean {
    return this.active(pair).some((run) => run.check === check);
  }

  /** The ids of the tables that runs of a pair are working on. */
  current(pair: string): Set<string> {
    return new Set(this.ofPair(pair).flatMap(({ current }) => [...current]));
  }

  get(id: string): PairCheck {
    const check = this.#active.get(id);
    if (!check) throw new EngineRequestError('NOT_FOUND', `no run ${id} is under way; it may have finished`);
    return check;
  }

  ofPair(pair: string): PairCheck[] {
    return [...this.#active.values()].filter(({ run }) => run.pair === pair);
  }

  /** Cancels what is of a pair, and resolves when it has ended. */
  async leave(pair: string, why: string): Promise<void> {
    const leaving = this.ofPair(pair);
    for (const check of leaving) check.cancel(why);
    await Promise.allSettled(
      leaving.map(({ run }) => this.#lines.get(lineOf(pair, run.check)) ?? Promise.resolve()),
    );
  }

  /** Cancels everything and resolves when all runs have ended. */
  async stop(why: string): Promise<void> {
    for (const check of this.#active.values()) check.cancel(why);
    await Promise.allSettled(this.#lines.values());
  }
}

function lineOf(pair: string, check: CheckKind): string {
  return JSON.stringify([pair, check]);
}
