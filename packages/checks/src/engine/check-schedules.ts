import type { ScheduleState } from '../engine-api.ts';
import type { Mishaps } from '../mishaps.ts';
import { type CheckKind, checkKinds } from '../model/verdict.ts';
import type { PairBoard } from './pair-board.ts';
import { nextTurn, windowState } from './run-windows.ts';
import { describeSchedule, Schedule } from './schedule.ts';

export interface CheckSchedulesOptions {
  /** Resolves when the check has run; false when it was put off. */
  work: (board: PairBoard, check: CheckKind) => Promise<boolean>;
  mishaps: Mishaps;
}

/** The schedules of all checks that are switched on. */
export class CheckSchedules {
  readonly #options: CheckSchedulesOptions;
  #schedules: { board: PairBoard; check: CheckKind; schedule: Schedule }[] = [];

  constructor(options: CheckSchedulesOptions) {
    this.#options = options;
  }

  begin(board: PairBoard): void {
    for (const check of checkKinds) this.#begin(board, check);
  }

  end(board: PairBoard): void {
    for (const { schedule } of this.#schedules.filter((each) => each.board === board)) schedule.stop();
    this.#schedules = this.#schedules.filter((each) => each.board !== board);
  }

  stop(): void {
    for (const { schedule } of this.#schedules) schedule.stop();
  }

  list(): ScheduleState[] {
    return this.#schedules.map(({ board, check, schedule }) => ({
      pair: board.config.name,
      check,
      schedule: describeSchedule(board.config.checks[check].schedule),
      nextRun: nextTurn(board, check) ?? schedule.next,
      window: windowState(board.config.checks[check].window),
      lastRun: board.lastRuns[check]?.finishedAt ?? null,
    }));
  }

  #begin(board: PairBoard, check: CheckKind): void {
    const config = board.config.checks[check];
    if (!config.enabled) return;
    const { work, mishaps } = this.#options;
    const schedule = new Schedule({
      schedule: config.schedule,
      window: config.window,
      lastDone: () => board.lastRuns[check]?.finishedAt ?? null,
      work: () => work(board, check),
      onError: (error) => mishaps.happened(`a scheduled ${check} run`, error, { pair: board.config.name }),
    });
    this.#schedules.push({ board, check, schedule });
    schedule.start();
  }
}
