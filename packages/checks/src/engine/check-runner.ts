import type { ScheduleState } from '../engine-api.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import type { Mishaps } from '../mishaps.ts';
import type { BrokenHistory } from '../model/broken-history.ts';
import type { Run } from '../model/run.ts';
import type { CheckKind, TableResult } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { parseTableName, type TableName } from '../table-name.ts';
import { alteredSides, runSettings, sidesOf } from '../verify/run/basis.ts';
import type { InterruptedRun, PairCheck } from '../verify/run/pair-check.ts';
import { CheckSchedules } from './check-schedules.ts';
import type { Chronicle } from './chronicle.ts';
import { closeRun, recallRuns, recallRunsLater, whyAnew } from './interrupted-runs.ts';
import { makeCheck } from './make-check.ts';
import type { PairBoard } from './pair-board.ts';
import { RunDesk } from './run-desk.ts';
import { shownWaiting, whyShut } from './run-windows.ts';

export interface CheckRunnerOptions {
  /** As they are now: it may change. */
  pairs: ReadonlyMap<string, PairBoard>;
  servers: ConnectionManager;
  lag: LagManager;
  storage: MetricsStorage;
  chronicle: Chronicle;
  mishaps: Mishaps;
}

/** Why a pair's runs end, e.g. "removes the pair". */
export interface Leave {
  why: string;
  begunAnew: boolean;
}

const resumeEveryMs = 500;

/** Runs the checks: by their schedules, when somebody asks, and on from where an earlier process was cut off. */
export class CheckRunner {
  readonly #options: CheckRunnerOptions;
  readonly #desk = new RunDesk();
  readonly #schedules: CheckSchedules;
  /** Boards of pairs that go, or are begun anew; their runs end. */
  readonly #leaving = new WeakMap<PairBoard, Leave>();
  #resuming: NodeJS.Timeout | undefined;
  /** Runs by a schedule that somebody had go on outside of their window. */
  readonly #unbound = new WeakSet<PairCheck>();
  /** What a run of all tables may prove, as of its begin. */
  readonly #proving = new WeakMap<PairCheck, BrokenHistory>();
  #stopping = false;

  constructor(options: CheckRunnerOptions) {
    this.#options = options;
    this.#schedules = new CheckSchedules({
      work: (board, check) => this.#scheduled(board, check),
      mishaps: options.mishaps,
    });
  }

  start(): void {
    const { pairs, mishaps } = this.#options;
    for (const board of pairs.values()) this.begin(board);
    this.#resuming = setInterval(() => {
      for (const board of pairs.values()) {
        const { name } = board.config;
        mishaps.guard('the end of a window', () => this.#keepWindows(board), { pair: name });
        mishaps.guard('going on with a run', () => this.#goOnWithInterrupted(board), { pair: name });
      }
    }, resumeEveryMs);
  }

  /** Takes up what was left of a pair's runs, and begins its schedules; `before`: of one that is begun anew. */
  begin(board: PairBoard, before?: PairBoard): void {
    const { storage, mishaps } = this.#options;
    mishaps.guard('recalling runs', () => recallRuns(board, storage, before), { pair: board.config.name });
    this.#schedules.begin(board);
  }

  /**
   * Ends the schedules of a pair that goes, or is `begunAnew`, and its runs, which are then gone on with as after a
   * restart. Resolves when they have ended.
   */
  leave(board: PairBoard, leave: Leave): Promise<void> {
    this.#leaving.set(board, leave);
    if (!leave.begunAnew) {
      for (const { run } of board.interrupted.values()) this.#close(run, notGoneOn(leave));
    }
    board.interrupted.clear();
    this.#schedules.end(board);
    return this.#desk.leave(board.config.name, `the configuration, which ${leave.why}`);
  }

  /** Earlier processes' runs can be read only now. */
  recall(): void {
    const { pairs, storage } = this.#options;
    for (const board of pairs.values()) {
      const left = [...board.interrupted.values()].map(({ run }) => run);
      const own = [...this.#desk.active(board.config.name), ...left];
      recallRunsLater(board, new Set(own.map(({ id }) => id)), storage);
    }
  }

  /** Cancels what runs; resolves when all has ended. A run that is cut off so is gone on with by the next process. */
  stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#resuming);
    this.#schedules.stop();
    return this.#desk.stop('Lockstep, which is stopping');
  }

  /** Those included that wait for their window. */
  active(pair?: string): Run[] {
    const waiting = [...this.#options.pairs.values()]
      .filter(({ config }) => pair === undefined || config.name === pair)
      .flatMap((board) => [...board.interrupted.values()].map(({ run }) => shownWaiting(board, run)))
      .filter((run) => run !== null);
    return [...this.#desk.active(pair), ...waiting];
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
    return this.#schedules.list();
  }

  /** Queues a run that somebody asked for. Throws EngineRequestError. */
  submit(board: PairBoard, check: CheckKind, only: TableName[] | null, by: string): Run {
    const { name } = board.config;
    if (this.#leaving.has(board)) {
      throw new EngineRequestError(
        'CONFLICT',
        `the configuration of pair ${name} is being changed; ask again`,
      );
    }
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

  /** Of a run that waits for its window, which ends here; null when there is none. Throws EngineRequestError. */
  giveUp(id: string, by: string): Run | null {
    const board = this.#boardOfWaiting(id);
    const left = board && [...board.interrupted.values()].find(({ run }) => run.id === id);
    if (!left) return null;
    board.interrupted.delete(left.run.check);
    return this.#close(left.run, `cancelled by ${by}`);
  }

  /** A run that waits for its window goes on now; null when there is none. Throws EngineRequestError. */
  goOnNow(id: string): Run | null {
    const board = this.#boardOfWaiting(id);
    const left = board && [...board.interrupted.values()].find(({ run }) => run.id === id);
    if (!left) return null;
    const { name } = board.config;
    if (board.paused) throw new EngineRequestError('CONFLICT', `pair ${name} is paused; resume the pair`);
    if (!this.#ready(board)) {
      throw new EngineRequestError('CONFLICT', `the servers of ${name} cannot be asked now`);
    }
    return this.#goOnWith(board, left.run.check, left, true);
  }

  #boardOfWaiting(id: string): PairBoard | undefined {
    return [...this.#options.pairs.values()].find((board) =>
      [...board.interrupted.values()].some(({ run }) => run.id === id && shownWaiting(board, run) !== null),
    );
  }

  #close(run: Run, evidence: string): Run {
    const closed = closeRun(run, evidence, this.#options.storage);
    this.#options.chronicle.run(closed, false);
    return closed;
  }

  /** False when it was put off. */
  async #scheduled(board: PairBoard, check: CheckKind): Promise<boolean> {
    // What cannot be asked is told by the connection's own alert; a failed run would only say it again.
    if (!this.#ready(board) || board.interrupted.has(check)) return false;
    if (this.#leaving.has(board) || this.#desk.has(board.config.name, check)) return false;
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
      if (shownWaiting(board, resume.run) === null) this.#goOnWith(board, check, resume, false);
    }
  }

  /** `anyTime`: whatever its window says. */
  #goOnWith(board: PairBoard, check: CheckKind, resume: InterruptedRun, anyTime: boolean): Run {
    board.interrupted.delete(check);
    const { trigger, only } = resume.run;
    const anew = this.#whyAnew(board, resume);
    if (anew !== null) this.#close(resume.run, `cut off, and begun anew: ${anew}`);
    const tables = only?.map(parseTableName) ?? null;
    const job = this.#make(board, check, trigger, tables, anew === null ? resume : null);
    this.#options.chronicle.happened(
      board.config.name,
      'run',
      anew === null
        ? `${check} run goes on where it was cut off`
        : `${check} run that was cut off is begun anew: ${anew}`,
    );
    if (anyTime) this.#unbound.add(job);
    this.#begin(board, job);
    return job.run;
  }

  /** What goes by a schedule stops where its window ends. */
  #keepWindows(board: PairBoard): void {
    for (const job of this.#desk.ofPair(board.config.name)) {
      const why = this.#unbound.has(job) ? null : whyShut(board, job.run);
      if (why !== null) job.suspend(why);
    }
  }

  #whyAnew({ config }: PairBoard, resume: InterruptedRun): string | null {
    const { check } = resume.run;
    const { servers } = this.#options;
    const sides = sidesOf(servers.get(config.source), servers.get(config.target));
    const now = sides && { ...sides, settings: runSettings(config, check) };
    return whyAnew(resume, now, config.checks[check]);
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
          // None was compared yet, and one answer that came late is no reason to have compared all in vain.
          if (!resume) this.#noteProvable(job);
          chronicle.forgotten(board.config.name, board.tables.setCatalog(tables));
          chronicle.pairSoon(board);
        },
        onProgress: (run) => {
          // Progress is for those who look now; history keeps what became of it. A run that the program's own end cuts
          // off is not over.
          const cutOff = this.#goesOnLater(board) && run.state === 'cancelled';
          chronicle.run(run, run.state !== recorded && !cutOff);
          if (run.state === 'running' && recorded === null && !resume) {
            this.#noteProvable(job);
            chronicle.runBegun(run);
          }
          recorded = run.state;
        },
        onResult: (result) => this.#found(board, result),
      },
    );
    return job;
  }

  #goesOnLater(board: PairBoard): boolean {
    return this.#stopping || (this.#leaving.get(board)?.begunAnew ?? false);
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
    const leave = this.#leaving.get(board);
    if (run.finishedAt === null && leave && !leave.begunAnew) {
      this.#close(run, notGoneOn(leave));
    } else if (run.finishedAt === null) {
      board.interrupted.set(run.check, job.left);
      chronicle.runSuspended(run);
    } else {
      board.ended(run);
      chronicle.runEnded(run);
      this.#overtaken(board, run);
      this.#prove(job);
    }
    chronicle.pairSoon(board);
  }

  #noteProvable(job: PairCheck): void {
    if (this.#proving.has(job)) return;
    const { pair, check, only } = job.run;
    const broken = check === 'checksum' && only === null ? this.#options.lag.provable(pair) : null;
    if (broken) this.#proving.set(job, broken);
  }

  /** Where all match, it is of no matter any more what became of their histories. */
  #prove(job: PairCheck): void {
    const { lag, chronicle } = this.#options;
    const { pair, state, verdicts } = job.run;
    const broken = this.#proving.get(job);
    if (!broken || state !== 'finished') return;
    const found = Object.entries(verdicts).filter(([, tables]) => tables > 0);
    if (found.length !== 1 || !found.every(([verdict]) => verdict === 'MATCH')) return;
    if (!lag.prove(pair, broken)) return;
    chronicle.happened(
      pair,
      'run',
      `positions tell again what was replicated: all tables match; before, ${broken.why}`,
    );
  }

  /** What a run that waits for its window was to find out is known. */
  #overtaken(board: PairBoard, { check, state, only }: Run): void {
    const left = board.interrupted.get(check);
    if (!left || only !== null || state !== 'finished' || shownWaiting(board, left.run) === null) return;
    board.interrupted.delete(check);
    this.#close(left.run, 'not gone on with: the whole pair was checked since');
  }

  #found(board: PairBoard, result: TableResult): void {
    const { chronicle } = this.#options;
    const before = board.tables.verdict(result.check, result);
    const found = board.tables.asLatest(board.tables.withCountedBefore(result));
    const { rows: _, ...withoutRows } = found;
    const altered = alteredSides(board.tables.definedAs(result), result.definedAs);
    if (altered.length > 0) chronicle.altered(result, board.config, altered);
    chronicle.result(found, board.tables.take(withoutRows), before);
    chronicle.pairSoon(board);
  }
}

function notGoneOn({ why }: Leave): string {
  return `cut off, and not gone on with: the configuration ${why}`;
}
