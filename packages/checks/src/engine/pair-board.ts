import type { PairSnapshot } from '../alerts/condition/snapshot.ts';
import type { PairConfig } from '../config.ts';
import type { HeartbeatReading } from '../model/heartbeat.ts';
import type { LagSample } from '../model/lag.ts';
import type { PairState, PairStateName } from '../model/pair.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import type { Run } from '../model/run.ts';
import type { CheckKind, TableResult } from '../model/verdict.ts';
import type { TableName } from '../table-name.ts';
import { tableSettings } from '../verify/run/basis.ts';
import { ColdTables } from '../verify/run/cold-tables.ts';
import type { InterruptedRun } from '../verify/run/pair-check.ts';
import { overrideFor } from '../verify/run/selection.ts';
import { TableBoard } from './table-board.ts';

/** Everything current about one pair, in memory. */
export class PairBoard {
  readonly config: PairConfig;
  readonly tables: TableBoard;
  paused: boolean;
  /** See `namesFold()`; false while the servers are not known. */
  namesFold = false;
  /** Somebody may have paused it, which cannot be known for now. */
  perhapsPaused = false;
  lag: LagSample | null = null;
  heartbeat: HeartbeatReading | null = null;
  replication: ReplicationStatus | null = null;
  /** The last run of each check over all tables that finished or failed. */
  readonly lastRuns: Partial<Record<CheckKind, Run>> = {};
  /** Tables that need not be compared again before the next full pass. Forgotten with the process. */
  readonly cold: ColdTables;
  /** Runs that an earlier process was cut off in, waiting to be gone on with. */
  readonly interrupted = new Map<CheckKind, InterruptedRun>();
  #state: PairStateName = 'unknown';
  #evidence = 'not measured yet';
  #since = new Date();

  /** `results`: what earlier runs of the program found. */
  constructor(config: PairConfig, results: Omit<TableResult, 'rows'>[], paused: boolean) {
    this.config = config;
    this.tables = new TableBoard(config.name, results, (table) =>
      tableSettings(overrideFor(config.tables, table, this.namesFold)),
    );
    this.tables.setSides({ source: null, target: null });
    this.paused = paused;
    this.cold = new ColdTables(config.verify.fullPassMs);
  }

  /** Goes on with what is measured of the pair, which is watched as before. */
  goOnFrom(before: PairBoard): void {
    this.lag = before.lag;
    this.replication = before.replication;
    this.perhapsPaused = before.perhapsPaused;
    this.#state = before.#state;
    this.#evidence = before.#evidence;
    this.#since = before.#since;
  }

  /** A table by the name that it is known by here, however somebody wrote it where names fold. */
  spelled(name: TableName): TableName {
    return this.namesFold ? this.tables.spelled(name) : name;
  }

  /** Keeps the run if it says something of the whole pair. */
  ended(run: Run): void {
    if (run.only === null && (run.state === 'finished' || run.state === 'failed')) {
      this.lastRuns[run.check] = run;
    }
  }

  /** True when the state itself changed, not only the sentence that explains it. */
  setState(state: PairStateName, evidence: string, at: Date): boolean {
    const changed = state !== this.#state;
    this.#state = state;
    this.#evidence = evidence;
    if (changed) this.#since = at;
    return changed;
  }

  /** As alerts judge it. */
  get snapshot(): PairSnapshot {
    const { config, state, tables, lastRuns } = this;
    return {
      config,
      state,
      results: tables.standing(),
      resultOf: (table) => tables.standingOf(table),
      lastRuns,
    };
  }

  get state(): PairState {
    const { name, source, target, labels = {}, lag } = this.config;
    const intendedMs = this.replication?.channel?.intendedDelayMs ?? 0;
    return {
      name,
      source,
      target,
      labels,
      state: this.#state,
      evidence: this.#evidence,
      since: this.#since,
      paused: this.paused,
      lag: this.lag,
      heartbeat: this.heartbeat,
      replication: this.replication,
      thresholds: { warningMs: intendedMs + lag.warningMs, criticalMs: intendedMs + lag.criticalMs },
      tables: this.tables.counts(),
      oldestVerification: this.tables.oldestVerification(),
    };
  }
}
