import type { ScheduleState } from '../engine-api.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import type { Mishaps } from '../mishaps.ts';
import type { Run } from '../model/run.ts';
import { type CheckKind, checkKinds, type TableResult } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { parseTableName, type TableName } from '../table-name.ts';
import { runSettings, sidesOf } from '../verify/run/basis.ts';
import type { InterruptedRun, PairCheck } from '../verify/run/pair-check.ts';
import type { Chronicle } from './chronicle.ts';
import { closeRun, recallRuns, recallRunsLater, whyAnew } from './interrupted-runs.ts';
import { makeCheck } from './make-check.ts';
import type { PairBoard } from './pair-board.ts';
import { RunDesk } from './run-desk.ts';
import { describeSchedule, Schedule } from './schedule.ts';

export interface CheckRunnerOptions {
  pairs: PairBoard[];
  servers: ConnectionManager;
  lag: LagManager;
  storage: MetricsStorage;
  chronicle: Chronicle;
  mishaps: Mishaps;
}

const resumeEveryMs = 500;

/** Runs the checks: by their schedules, when somebody asks, and on from where an earlier process was cut off. */
export class CheckRunner {
  readonly #options: CheckRunnerOptions;
  readonly #desk = new RunDesk();
  readonly #schedules: { board: PairBoard; check: CheckKind; schedule: Schedule }[] = [];
  #resuming: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: CheckRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    const { pairs, storage, mishaps } = this.#options;
    for (const board of pairs) {
      const { name } = board.config;
      mishaps.guard('recalling runs', () => recallRuns(board, storage), { pair: name });
      for (const check of checkKinds) this.#schedule(board, check);
    }
    this.#resuming = setInterval(() => {
      for (const board of pairs) {
        const { name } = board.config;
        mishaps.guard('going on with a run', () => this.#goOnWithInterrupted(board), { pair: name });
      }
    }, resumeEveryMs);
  }

  /** Earlier processes' runs can be read only now. */
  recall(): void {
    const { pairs, storage } = this.#options;
    for (const board of pairs) {
      const active = new Set(this.#desk.active(board.config.name).map(({ id }) => id));
      recallRunsLater(board, active, storage);
    }
  }

  /** Cancels what runs; resolves when all has ended. A run that is cut off so is gone on with by the next process. */
  stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#resuming);
    for (const { schedule } of this.#schedules) schedule.stop();
    return this.#desk.stop('Lockstep, which is stopping');
  }

  active(pair?: string): Run[] {
    return this.#desk.active(pair);
  }

  /** The ids of the tables that runs of a pair are working on. */
  current(pair: string): Set<string> {
    return this.#desk.current(pair);
  }

  /** Throws EngineRequestError when it is not under way. */
  get(id: string): PairCheck {
    return this.#desk.get(id);
  }

  ofPair(pair: string): PairCheck[] {
    return this.#desk.ofPair(pair);
  }

  schedules(): ScheduleState[] {
    return this.#schedules.map(({ board, check, schedule }) => ({
      pair: board.config.name,
      check,
      schedule: describeSchedule(board.config.checks[check].schedule),
      nextRun: schedule.next,
      lastRun: board.lastRuns[check]?.finishedAt ?? null,
    }));
  }

  /** Queues a run that somebody asked for. Throws EngineRequestError. */
  submit(board: PairBoard, check: CheckKind, only: TableName[] | null, by: string): Run {
    const { name } = board.config;
    if (board.paused) {
      throw new EngineRequestError('CONFLICT', `pair ${name} is paused; resume it before checking it`);
    }
    if (this.#desk.active(name).some((run) => run.check === check && run.state === 'queued')) {
      throw new EngineRequestError('CONFLICT', `a ${check} run of ${name} is waiting for its turn already`);
    }
    this.#options.chronicle.happened(name, 'operator', `${check} run asked for by ${by}`);
    const job = this.#make(board, check, 'operator', only);
    this.#begin(board, job);
    return job.run;
  }

  #schedule(board: PairBoard, check: CheckKind): void {
    const config = board.config.checks[check];
    if (!config.enabled) return;
    const schedule = new Schedule({
      schedule: config.schedule,
      lastDone: () => board.lastRuns[check]?.finishedAt ?? null,
      work: () => this.#scheduled(board, check),
      onError: (error) =>
        this.#options.mishaps.happened(`a scheduled ${check} run`, error, { pair: board.config.name }),
    });
    this.#schedules.push({ board, check, schedule });
    schedule.start();
  }

  /** False when it was put off. */
  async #scheduled(board: PairBoard, check: CheckKind): Promise<boolean> {
    // What cannot be asked is told by the connection's own alert; a failed run would only say it again.
    if (!this.#ready(board) || board.interrupted.has(check)) return false;
    if (this.#desk.has(board.config.name, check)) return false;
    // A thing compared with itself proves nothing; somebody who asks for it is told so with the result.
    if (this.#options.lag.route(board.config.name)?.sameStorage) return true;
    await this.#execute(board, this.#make(board, check, 'schedule', null));
    return true;
  }

  #ready({ config: { name, source, target }, paused, perhapsPaused }: PairBoard): boolean {
    const { servers, lag } = this.#options;
    return (
      servers.get(source).connected &&
      servers.get(target).connected &&
      !paused &&
      !perhapsPaused &&
      lag.route(name) !== null
    );
  }

  /** As soon as both servers can be asked. */
  #goOnWithInterrupted(board: PairBoard): void {
    if (board.interrupted.size === 0 || !this.#ready(board)) return;
    for (const [check, resume] of board.interrupted) {
      board.interrupted.delete(check);
      const { trigger, only } = resume.run;
      const anew = this.#whyAnew(board, resume);
      if (anew !== null) {
        closeRun(resume.run, `cut off when Lockstep ended, and begun anew: ${anew}`, this.#options.storage);
      }
      const tables = only?.map(parseTableName) ?? null;
      const job = this.#make(board, check, trigger, tables, anew === null ? resume : null);
      this.#options.chronicle.happened(
        board.config.name,
        'run',
        anew === null
          ? `${check} run goes on where it was cut off`
          : `${check} run that was cut off is begun anew: ${anew}`,
      );
      this.#begin(board, job);
    }
  }

  #whyAnew({ config }: PairBoard, resume: InterruptedRun): string | null {
    const { check } = resume.run;
    const { servers } = this.#options;
    const sides = sidesOf(servers.get(config.source), servers.get(config.target));
    const now = sides && { ...sides, settings: runSettings(config, check) };
    return whyAnew(resume, now, config.checks[check].schedule);
  }

  #make(
    board: PairBoard,
    check: CheckKind,
    trigger: Run['trigger'],
    only: TableName[] | null,
    resume: InterruptedRun | null = null,
  ): PairCheck {
    const { servers, lag, storage, chronicle } = this.#options;
    let recorded: Run['state'] | null = null;
    const job: PairCheck = makeCheck(
      { pair: board.config, servers, lag },
      {
        check,
        trigger,
        only,
        resume,
        // Somebody who asks for a check wants it made.
        ...(trigger === 'schedule' && { cold: board.cold }),
        onCheckpoint: (checkpoint) => storage.recordCheckpoint(job.id, checkpoint),
        known: () => board.tables.names(),
        onGone: (name) => {
          board.tables.forget(name);
          chronicle.forgotten(board.config.name, [name]);
          chronicle.pairSoon(board);
        },
        onTables: (tables) => {
          if (only) return;
          chronicle.forgotten(board.config.name, board.tables.setCatalog(tables));
          chronicle.pairSoon(board);
        },
        onProgress: (run) => {
          // Progress is for those who look now; history keeps what became of it. A run that the program's own end cuts
          // off is not over.
          const cutOff = this.#stopping && run.state === 'cancelled';
          chronicle.run(run, run.state !== recorded && !cutOff);
          recorded = run.state;
        },
        onResult: (result) => this.#found(board, result),
      },
    );
    return job;
  }

  #begin(board: PairBoard, job: PairCheck): void {
    const { name } = board.config;
    this.#execute(board, job).catch((error: unknown) =>
      this.#options.mishaps.happened(`a ${job.run.check} run`, error, { pair: name }),
    );
  }

  async #execute(board: PairBoard, job: PairCheck): Promise<void> {
    const { chronicle } = this.#options;
    chronicle.run(job.run, false);
    const run = await this.#desk.submit(job);
    board.ended(run);
    chronicle.runEnded(run);
    chronicle.pairSoon(board);
  }

  #found(board: PairBoard, result: TableResult): void {
    const { chronicle } = this.#options;
    const before = board.tables.verdict(result.check, result);
    const { rows: _, ...withoutRows } = result;
    chronicle.result(result, board.tables.record(withoutRows), before);
    chronicle.pairSoon(board);
  }
}
