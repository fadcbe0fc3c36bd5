import { v7 as uuid } from 'uuid';
import type { PairConfig } from '../../config.ts';
import type { Basis } from '../../model/basis.ts';
import type { TableCheckpoint } from '../../model/checkpoint.ts';
import type { Run, RunProgress, RunState } from '../../model/run.ts';
import type { CheckKind, TableResult, Verdict } from '../../model/verdict.ts';
import type { LagBounds } from '../../position/lag-bounds.ts';
import { askingAgain } from '../../server/ended.ts';
import { namesFold } from '../../server/names-fold.ts';
import { waitingWhileRefused } from '../../server/refused-for-now.ts';
import { ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { formatTableName, tableId, type TableName } from '../../table-name.ts';
import type { Barrier } from '../settle/barrier.ts';
import type { CatalogEntry } from '../table/catalog.ts';
import { DefinitionReader } from '../table/definitions.ts';
import { definitionsDigest, runSettings, sidesOf, whyOther } from './basis.ts';
import { byText } from './by-text.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { ColdTables } from './cold-tables.ts';
import { explainFault } from './fault-verdict.ts';
import { idleMasks } from './idle-masks.ts';
import { Renames } from './renames.ts';
import { Cancelled, RunControl, Suspended } from './run-control.ts';
import { runSummary } from './run-summary.ts';
import { overrideFor } from './selection.ts';
import { checkTable } from './table-check.ts';
import { type Place, TablePool } from './table-pool.ts';
import { Throttle } from './throttle.ts';
import { Turns } from './turns.ts';
import { type WantedTables, wantedTables } from './wanted-tables.ts';

export interface PairCheckOptions {
  pair: PairConfig;
  check: CheckKind;
  trigger: Run['trigger'];
  /** These tables only, whatever the selection says; null for all selected ones. */
  only: TableName[] | null;
  source: SqlServer;
  target: SqlServer;
  barrier: Barrier;
  lag: () => LagBounds | null;
  /** It is about to ask both servers. */
  onBegin?: () => void;
  /** Why the target makes no progress; null when it does, or nobody knows. */
  stopped: () => string | null;
  /** What one of the two is about that a run waits for; null for nothing. */
  busy: () => string | null;
  /** What is remembered between runs; without it every table is compared. */
  cold?: ColdTables;
  /** A run that an earlier process was cut off in, to be gone on with under its id. */
  resume?: InterruptedRun | null;
  /** What a later process needs to go on with this run; null when there is nothing left to go on with. */
  onCheckpoint?: (checkpoint: TableCheckpoint | null) => void;
  /** A few times a second at most, and at every change of state. */
  onProgress: (run: Run) => void;
  onResult: (result: TableResult) => void;
  /**
   * Tables that earlier runs knew: one that is in neither catalog now was dropped, or the account may not see it any
   * more, which only asking for it tells.
   */
  known?: () => TableName[];
  /** The tables that this run will look at, as the catalogs of both sides tell now, and known ones. */
  onTables?: (tables: CatalogEntry[]) => void;
  /** A table that is on neither side any more. */
  onGone?: (name: TableName) => void;
  /** A table that an earlier process had done with, and that is not examined again. */
  onKept?: (name: TableName) => void;
}

/** What is left of a run that was cut off, for another to go on with. */
export interface InterruptedRun {
  run: Run;
  /** Tables that it had done with, and their verdicts. */
  done: DoneTable[];
  checkpoint: TableCheckpoint | null;
}

export interface DoneTable extends Pick<
  TableResult,
  'schema' | 'table' | 'verdict' | 'rowsCompared' | 'finishedAt'
> {
  /** Of what it was on both sides: where it is another now it is examined again. Absent: it is not asked. */
  definitions?: string;
}

/** A table of so many rows by the server's statistics is examined beside others. */
const smallTableRows = 1000;
const publishEveryMs = 300;

/** What others do to a statement, or a cluster refuses for now, is no fault of the data. */
function patiently(server: SqlServer, { verify }: PairConfig): SqlServer {
  return waitingWhileRefused(askingAgain(server), verify.waitMs);
}

/** One execution of a check over a pair, from the list of tables to the last verdict. */
export class PairCheck {
  readonly id: string;
  readonly control: RunControl;
  readonly #options: PairCheckOptions;
  /** Source and target, whose refusals tell something. */
  readonly #asTheyAre: SqlServer[];
  readonly #startedAt: Date;
  #began = performance.now();
  #state: RunState = 'queued';
  #evidence = 'waiting for its turn';
  #finishedAt: Date | null = null;
  readonly #progress: Omit<RunProgress, 'rowsPerSecond' | 'remainingMs' | 'current'> = {
    tablesDone: 0,
    tablesTotal: 0,
    chunksDone: 0,
    rowsDone: 0,
    rowsEstimated: 0,
  };
  /** By id, in the order in which they were begun. */
  readonly #current = new Map<string, TableName>();
  readonly #checkpoints: CheckpointKeeper;
  readonly #verdicts: Partial<Record<Verdict, number>> = {};
  /** By id. */
  readonly #done = new Map<string, DoneTable>();
  #basis: Basis | null = null;
  #wanted: WantedTables = { tables: [], notCompared: [], notTheUsers: [], unmatched: [], idleSettings: [] };
  #published = 0;

  constructor(options: PairCheckOptions) {
    this.#options = {
      ...options,
      source: patiently(options.source, options.pair),
      target: patiently(options.target, options.pair),
    };
    this.#asTheyAre = [options.source, options.target];
    this.id = options.resume?.run.id ?? uuid();
    this.#startedAt = options.resume?.run.startedAt ?? new Date();
    this.#basis = options.resume?.run.basis ?? null;
    for (const done of options.resume?.done ?? []) this.#done.set(tableId(done), done);
    this.#checkpoints = new CheckpointKeeper(options.resume?.checkpoint ?? null, options.onCheckpoint);
    this.control = new RunControl(options.pair.verify.waitMs, () => this.#publish());
  }

  /** The ids of the tables being worked on. */
  get current(): Iterable<string> {
    return this.#current.keys();
  }

  get run(): Run {
    const { pair, check, trigger, only } = this.#options;
    const held = this.#state === 'running' ? this.control.held : null;
    const seconds = (performance.now() - this.#began) / 1000;
    const { rowsDone, rowsEstimated } = this.#progress;
    const { unmatched } = this.#wanted;
    const [current] = this.#current.values();
    const rate = this.#state === 'queued' ? 0 : rowsDone / Math.max(0.001, seconds);
    return {
      id: this.id,
      pair: pair.name,
      check,
      state: held ? 'paused' : this.#state,
      evidence: held ? `paused: ${held.why}` : this.#evidence,
      heldBy: held?.by ?? null,
      trigger,
      only: only?.map(formatTableName) ?? null,
      startedAt: this.#startedAt,
      finishedAt: this.#finishedAt,
      progress: {
        ...this.#progress,
        current: current ? formatTableName(current) : null,
        rowsPerSecond: Math.round(rate),
        remainingMs:
          this.#state === 'running' && !held && rate > 0
            ? Math.max(0, Math.round(((rowsEstimated - rowsDone) / rate) * 1000))
            : null,
      },
      verdicts: { ...this.#verdicts },
      ...(unmatched.length > 0 && { unmatched }),
      ...(this.#basis && { basis: this.#basis }),
    };
  }

  pause(by: string): void {
    this.control.hold('operator', `held by ${by}`);
  }

  resume(): void {
    this.control.letGo('operator');
  }

  cancel(by: string): void {
    this.control.cancel(by);
  }

  /** Ends it for now: it is `paused`, has no end, and `left` is what another can go on with. */
  suspend(why: string): void {
    this.control.suspend(why);
  }

  get left(): InterruptedRun {
    return { run: this.run, done: [...this.#done.values()], checkpoint: this.#checkpoints.latest };
  }

  /** In place of `execute`, where it is known that nothing can be compared. */
  fail(evidence: string): Run {
    this.#finish('failed', evidence);
    return this.run;
  }

  /** Runs to the end; resolves with the finished run whatever happens. */
  async execute(): Promise<Run> {
    const { source, target, pair, check, lag, stopped, busy } = this.#options;
    this.#began = performance.now();
    const sides = sidesOf(source, target);
    this.#basis = sides && { ...sides, settings: runSettings(pair, check) };
    this.#set('running', 'reading the list of tables');
    this.#options.onBegin?.();
    const throttle = new Throttle({
      config: pair.throttle,
      servers: this.#asTheyAre,
      lag,
      stopped,
      busy,
      control: this.control,
    });
    try {
      this.control.signal.throwIfAborted();
      await throttle.start();
      await this.#checkTables();
      this.#finish('finished', runSummary(this.#verdicts, this.#progress.tablesTotal, this.#wanted));
    } catch (error) {
      if (this.control.signal.aborted) {
        const reason: unknown = this.control.signal.reason;
        if (reason instanceof Suspended) this.#set('paused', reason.message);
        else this.#finish('cancelled', reason instanceof Cancelled ? reason.message : 'cancelled');
      } else {
        this.#finish('failed', explainFault(error, { schema: '*', table: '*' }).reason);
      }
    } finally {
      throttle.stop();
    }
    return this.run;
  }

  async #checkTables(): Promise<void> {
    const { pair, check, source, target, barrier } = this.#options;
    this.#wanted = await wantedTables({ ...this.#options, signal: this.control.signal });
    const { tables } = this.#wanted;
    this.#options.onTables?.(tables);
    this.#progress.tablesTotal = tables.length;
    this.#progress.rowsEstimated = tables.reduce((sum, { rowsEstimated }) => sum + rowsEstimated, 0);
    this.#takeUp(tables);
    const pool = new TablePool();
    const { signal } = this.control;
    const definitions = new DefinitionReader({ source, target, signal, company: () => pool.size > 1 });
    const { waitMs } = pair.verify;
    const renames = [source, target].map((server) => new Renames(server, waitMs, signal));
    const lost: TableResult[] = [];
    const turns = new Turns(pair.verify.parallel);
    const smallRows = Math.min(smallTableRows, pair.verify.maxChunkRows);
    const fold = namesFold(source, target);
    const idle = await idleMasks({
      selection: pair.tables,
      tables,
      source,
      target,
      fold,
      waitMs: pair.verify.waitMs,
      signal,
    });
    const examine = async (name: TableName, collision: string | null, place: Place): Promise<void> => {
      const id = tableId(name);
      const override = overrideFor(pair.tables, name, fold, idle);
      let fault: unknown = null;
      let definitionsThen: string | undefined;
      const result = await checkTable(name, {
        definitions,
        renames,
        turns,
        place,
        named: this.#options.only !== null,
        collision,
        pair: pair.name,
        runId: this.id,
        check,
        method: check === 'consistency' ? 'count' : (override.method ?? pair.checks.checksum.method),
        source,
        target,
        barrier,
        verify: pair.verify,
        override,
        control: this.control,
        cold: this.#options.cold ?? null,
        resume: this.#checkpoints.of(name),
        onFault: (error) => {
          fault = error;
        },
        onCheckpoint: (checkpoint) => this.#checkpoints.keep(id, checkpoint),
        onDefinitions: (read) => {
          definitionsThen = definitionsDigest(read);
        },
        onChunk: (chunkRows) => {
          this.#progress.chunksDone++;
          this.#progress.rowsDone += chunkRows;
          this.#publish(true);
        },
      });
      const away = fault instanceof ServerFault && fault.kind === 'connection';
      // Before it is shown: a further attempt may have been made at the other server alone. Unknown is true of any.
      if (!away && result?.verdict !== 'UNVERIFIED') this.#mustBeTheSameServers();
      if (away && result?.verdict === 'ERROR') lost.push(result);
      else if (result) this.#found(result, definitionsThen);
      else {
        this.#progress.tablesTotal--;
        this.#options.onGone?.(name);
      }
      this.#checkpoints.drop(id);
      // A server that stayed away for as long as a table waits would cost every further table that time.
      if (away) throw fault;
      this.#mustBeTheSameServers();
    };
    const examineAll = async () => {
      for (const { schema, table, rowsEstimated, collision = null } of tables) {
        const name: TableName = { schema, table };
        const done = this.#done.get(tableId(name));
        if (done && done.definitions === undefined) {
          this.#options.onKept?.(name);
          continue;
        }
        await pool.begin(rowsEstimated <= smallRows ? 'small' : 'large', async (place) => {
          signal.throwIfAborted();
          if (done) {
            const now = definitionsDigest(await definitions.read(name, pair.verify.waitMs));
            if (now === done.definitions) {
              this.#options.onKept?.(name);
              return;
            }
            this.#letGo(done);
          }
          this.#current.set(tableId(name), name);
          this.#evidence = `comparing ${formatTableName(name)}`;
          this.#publish(true);
          try {
            await examine(name, collision, place);
          } finally {
            this.#current.delete(tableId(name));
          }
        });
      }
      await pool.drain();
    };
    try {
      await examineAll();
    } catch (error) {
      // A lost server says nothing of the tables; the first that was begun stands for all that it was lost for.
      const [first] = lost.sort(
        (a, b) => a.startedAt.getTime() - b.startedAt.getTime() || byText(tableId(a), tableId(b)),
      );
      if (first) this.#found(first);
      throw error;
    }
    this.#checkpoints.dropAll();
  }

  #found(result: TableResult, definitions?: string): void {
    this.#progress.tablesDone++;
    this.#verdicts[result.verdict] = (this.#verdicts[result.verdict] ?? 0) + 1;
    const { schema, table, verdict, rowsCompared, finishedAt } = result;
    const done: DoneTable = { schema, table, verdict, rowsCompared, finishedAt };
    this.#done.set(tableId(result), definitions === undefined ? done : { ...done, definitions });
    this.#options.onResult(result);
  }

  /** What was found before a server was exchanged says nothing of the one that is there now. */
  #mustBeTheSameServers(): void {
    const { source, target } = this.#options;
    const now = this.#basis && { ...this.#basis, ...sidesOf(source, target) };
    const other = now && this.#basis && whyOther(this.#basis, now);
    if (other) throw new Error(`a server was exchanged for another during the run, which is void: ${other}`);
  }

  /** Counts what an earlier process had done with, of the tables that there are. */
  #takeUp(tables: readonly TableName[]): void {
    const wanted = new Set(tables.map(tableId));
    for (const done of this.#options.resume?.done ?? []) {
      if (wanted.has(tableId(done))) this.#count(done, 1);
    }
  }

  /** What it was done with holds no more. */
  #letGo(done: DoneTable): void {
    this.#count(done, -1);
    this.#done.delete(tableId(done));
  }

  #count(done: DoneTable, by: 1 | -1): void {
    this.#progress.tablesDone += by;
    this.#progress.rowsDone += by * done.rowsCompared;
    this.#verdicts[done.verdict] = (this.#verdicts[done.verdict] ?? 0) + by;
    if (this.#verdicts[done.verdict] === 0) delete this.#verdicts[done.verdict];
    this.#done.set(tableId(done), done);
  }

  #finish(state: RunState, evidence: string): void {
    this.#finishedAt = new Date();
    this.#set(state, evidence);
  }

  #set(state: RunState, evidence: string): void {
    this.#state = state;
    this.#evidence = evidence;
    this.#publish();
  }

  #publish(progressOnly = false): void {
    const now = performance.now();
    if (progressOnly && now - this.#published < publishEveryMs) return;
    this.#published = now;
    this.#options.onProgress(this.run);
  }
}
