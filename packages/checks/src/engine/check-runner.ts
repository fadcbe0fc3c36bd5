import type { ScheduleState } from '../engine-api.ts';
import type { LagService } from '../lag/lag-service.ts';
import type { Logger } from '../log.ts';
import type { Publish } from '../model/event.ts';
import type { PairEvent } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { CheckKind, TableResult } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { displayName, parseTableName, type TableName } from '../table-name.ts';
import { type InterruptedRun, PairCheck } from '../verify/run/pair-check.ts';
import { ReplicationBarrier } from '../verify/settle/replication-barrier.ts';
import { recallRuns } from './interrupted-runs.ts';
import type { PairMonitor } from './pair-monitor.ts';
import { RunDesk } from './run-desk.ts';
import { describeSchedule, Schedule } from './schedule.ts';

export interface CheckRunnerOptions {
  pairs: PairMonitor[];
  servers: ConnectionManager;
  lag: LagService;
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  /** Something for the pair's time line. */
  happened: (pair: string, kind: PairEvent['kind'], message: string) => void;
  /** What is shown of the pair's tables is no longer up to date. */
  changed: (pair: PairMonitor) => void;
}

const checkKinds: CheckKind[] = ['checksum', 'consistency'];
const resumeEveryMs = 500;

/** Runs the checks: by their schedules, when somebody asks, and on from where an earlier process was cut off. */
export class CheckRunner {
  readonly #options: CheckRunnerOptions;
  readonly #desk = new RunDesk();
  readonly #schedules: { monitor: PairMonitor; check: CheckKind; schedule: Schedule }[] = [];
  #resuming: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: CheckRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    for (const monitor of this.#options.pairs) {
      recallRuns(monitor, this.#options.storage);
      for (const check of checkKinds) this.#schedule(monitor, check);
    }
    this.#resuming = setInterval(() => this.#goOnWithInterrupted(), resumeEveryMs);
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

  /** `schema.table` names that runs of a pair are working on. */
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
    return this.#schedules.map(({ monitor, check, schedule }) => ({
      pair: monitor.config.name,
      check,
      schedule: describeSchedule(monitor.config.checks[check].schedule),
      nextRun: schedule.next,
      lastRun: monitor.lastRuns[check]?.finishedAt ?? null,
    }));
  }

  /** Queues a run that somebody asked for. Throws EngineRequestError. */
  submit(monitor: PairMonitor, check: CheckKind, only: TableName[] | null, by: string): Run {
    const { name } = monitor.config;
    if (monitor.paused) {
      throw new EngineRequestError('CONFLICT', `pair ${name} is paused; resume it before checking it`);
    }
    if (this.#desk.active(name).some((run) => run.check === check && run.state === 'queued')) {
      throw new EngineRequestError('CONFLICT', `a ${check} run of ${name} is waiting for its turn already`);
    }
    this.#options.happened(name, 'operator', `${check} run asked for by ${by}`);
    const job = this.#make(monitor, check, 'operator', only);
    void this.#execute(monitor, job);
    return job.run;
  }

  #schedule(monitor: PairMonitor, check: CheckKind): void {
    const config = monitor.config.checks[check];
    if (!config.enabled) return;
    const schedule = new Schedule({
      schedule: config.schedule,
      lastRun: monitor.lastRuns[check]?.finishedAt ?? null,
      work: () => this.#scheduled(monitor, check),
    });
    this.#schedules.push({ monitor, check, schedule });
    schedule.start();
  }

  /** False when it was put off. */
  async #scheduled(monitor: PairMonitor, check: CheckKind): Promise<boolean> {
    // What cannot be asked is told by the connection's own alert; a failed run would only say it again.
    if (!this.#ready(monitor) || monitor.interrupted.has(check)) return false;
    if (this.#desk.has(monitor.config.name, check)) return false;
    await this.#execute(monitor, this.#make(monitor, check, 'schedule', null));
    return true;
  }

  #ready({ config: { name, source, target }, paused }: PairMonitor): boolean {
    const { servers, lag } = this.#options;
    return (
      servers.get(source).connected && servers.get(target).connected && !paused && lag.route(name) !== null
    );
  }

  /** As soon as both servers can be asked. */
  #goOnWithInterrupted(): void {
    for (const monitor of this.#options.pairs) {
      if (monitor.interrupted.size === 0 || !this.#ready(monitor)) continue;
      for (const [check, resume] of monitor.interrupted) {
        monitor.interrupted.delete(check);
        const { trigger, only } = resume.run;
        const job = this.#make(monitor, check, trigger, only?.map(parseTableName) ?? null, resume);
        this.#options.happened(monitor.config.name, 'run', `${check} run goes on where it was cut off`);
        void this.#execute(monitor, job);
      }
    }
  }

  #make(
    monitor: PairMonitor,
    check: CheckKind,
    trigger: Run['trigger'],
    only: TableName[] | null,
    resume: InterruptedRun | null = null,
  ): PairCheck {
    const { servers, lag, storage, publish, changed } = this.#options;
    const { config: pair } = monitor;
    const source = servers.get(pair.source);
    const target = servers.get(pair.target);
    const route = () => lag.route(pair.name);
    const { waitMs, settleMs } = pair.verify;
    let recorded: Run['state'] | null = null;
    const job: PairCheck = new PairCheck({
      pair,
      check,
      trigger,
      only,
      source,
      target,
      resume,
      // Somebody who asks for a check wants it made.
      ...(trigger === 'schedule' && { cold: monitor.cold }),
      barrier: new ReplicationBarrier({ source, target, route, waitMs, settleMs }),
      stopped: () => route()?.stopped ?? null,
      lagMs: () => {
        const behind = monitor.lag?.lagMs ?? null;
        return behind === null ? null : Math.max(0, behind - (route()?.intendedDelayMs ?? 0));
      },
      onCheckpoint: (checkpoint) => storage.recordCheckpoint(job.id, checkpoint),
      onTables: (tables) => {
        if (only) return;
        monitor.tables.setCatalog(tables);
        changed(monitor);
      },
      onProgress: (run) => {
        // Progress is for those who look now; history keeps what became of it. A run that the program's own end cuts
        // off is not over.
        const cutOff = this.#stopping && run.state === 'cancelled';
        if (run.state !== recorded && !cutOff) storage.recordRun(run);
        recorded = run.state;
        publish({ type: 'run', pair: pair.name, data: run });
      },
      onResult: (result) => this.#found(monitor, result),
    });
    return job;
  }

  async #execute(monitor: PairMonitor, job: PairCheck): Promise<void> {
    const { publish, log, happened, changed } = this.#options;
    publish({ type: 'run', pair: monitor.config.name, data: job.run });
    const run = await this.#desk.submit(job);
    monitor.ended(run);
    const { pair, check, state, evidence } = run;
    log.info(
      { pair, check, run: run.id, state, verdicts: run.verdicts },
      `${check} run ${state}: ${evidence}`,
    );
    if (state !== 'finished') happened(pair, 'run', `${check} run ${state}: ${evidence}`);
    changed(monitor);
  }

  #found(monitor: PairMonitor, result: TableResult): void {
    const { storage, publish, log, happened, changed } = this.#options;
    const before = monitor.tables.get(result)?.[result.check]?.verdict;
    const { rows: _, ...withoutRows } = result;
    monitor.tables.record(withoutRows);
    storage.recordResult(result);
    publish({ type: 'table', pair: result.pair, data: withoutRows });
    changed(monitor);
    if (before === result.verdict) return;
    const { pair, check, verdict, reason } = result;
    const table = displayName(result);
    log[verdict === 'MATCH' ? 'info' : 'warn']({ pair, table, check, verdict }, reason);
    // That a new table matches is no event; that one matches again is.
    if (verdict !== 'MATCH' || before !== undefined) happened(pair, 'run', `${table}: ${verdict}, ${reason}`);
  }
}
