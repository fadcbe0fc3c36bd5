import { randomUUID } from 'node:crypto';
import type { PairConfig } from '../../config.ts';
import type { Basis } from '../../model/basis.ts';
import type { TableCheckpoint } from '../../model/checkpoint.ts';
import type { Run, RunProgress, RunState } from '../../model/run.ts';
import type { CheckKind, TableResult, Verdict } from '../../model/verdict.ts';
import type { LagBounds } from '../../position/lag-bounds.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import { ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { formatTableName, tableId, type TableName } from '../../table-name.ts';
import type { Barrier } from '../settle/barrier.ts';
import { type CatalogEntry, listTables } from '../table/catalog.ts';
import { DefinitionReader } from '../table/definitions.ts';
import { runSettings, sidesOf, whyOther } from './basis.ts';
import type { ColdTables } from './cold-tables.ts';
import { explainFault } from './fault-verdict.ts';
import { Cancelled, RunControl } from './run-control.ts';
import { fits, maySelect, overrideFor, selected } from './selection.ts';
import { checkTable } from './table-check.ts';
import { type Place, TablePool } from './table-pool.ts';
import { Throttle } from './throttle.ts';
import { Turns } from './turns.ts';

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
  /** Why the target makes no progress; null when it does, or nobody knows. */
  stopped: () => string | null;
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
}

/** What is left of a run that was cut off. */
export interface InterruptedRun {
  run: Run;
  /** Tables that it had done with, and their verdicts. */
  done: Pick<TableResult, 'schema' | 'table' | 'verdict' | 'rowsCompared' | 'finishedAt'>[];
  checkpoint: TableCheckpoint | null;
}

/** A table of so many rows by the server's statistics is examined beside others. */
const smallTableRows = 1000;
const publishEveryMs = 300;
const checkpointEveryMs = 500;
/** The more rows a checkpoint lists, the more rarely it is written: a thousand are a megabyte, and runs take hours. */
const checkpointRowMs = 10;

/** One execution of a check over a pair, from the list of tables to the last verdict. */
export class PairCheck {
  readonly id: string;
  readonly control: RunControl;
  readonly #options: PairCheckOptions;
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
  #kept: { id: string; rows: number } | null = null;
  readonly #verdicts: Partial<Record<Verdict, number>> = {};
  #basis: Basis | null = null;
  /** Patterns of the configuration that fit nothing. */
  #unmatched: string[] = [];
  /** The same of overrides: a mistake in one masks nothing, and leaves nothing out. */
  #idleSettings: string[] = [];
  #notCompared: CatalogEntry[] = [];
  #published = 0;
  #nextCheckpoint = 0;

  constructor(options: PairCheckOptions) {
    this.#options = options;
    this.id = options.resume?.run.id ?? randomUUID();
    this.#startedAt = options.resume?.run.startedAt ?? new Date();
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
    const [current] = this.#current.values();
    const rate = this.#state === 'queued' ? 0 : rowsDone / Math.max(0.001, seconds);
    return {
      id: this.id,
      pair: pair.name,
      check,
      state: held ? 'paused' : this.#state,
      evidence: held ? `paused: ${held}` : this.#evidence,
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
      ...(this.#unmatched.length > 0 && { unmatched: this.#unmatched }),
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

  /** Runs to the end; resolves with the finished run whatever happens. */
  async execute(): Promise<Run> {
    const { source, target, pair, check, lag, stopped } = this.#options;
    this.#began = performance.now();
    const sides = sidesOf(source, target);
    this.#basis = sides && { ...sides, settings: runSettings(pair, check) };
    this.#set('running', 'reading the list of tables');
    const throttle = new Throttle({
      config: pair.throttle,
      servers: [source, target],
      lag,
      stopped,
      control: this.control,
    });
    try {
      this.control.signal.throwIfAborted();
      await throttle.start();
      await this.#checkTables();
      this.#finish('finished', this.#summary());
    } catch (error) {
      if (this.control.signal.aborted) {
        const reason: unknown = this.control.signal.reason;
        this.#finish('cancelled', reason instanceof Cancelled ? reason.message : 'cancelled');
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
    const tables = await this.#tables();
    this.#options.onTables?.(tables);
    this.#progress.tablesTotal = tables.length;
    this.#progress.rowsEstimated = tables.reduce((sum, { rowsEstimated }) => sum + rowsEstimated, 0);
    const done = this.#takeUp();
    const pool = new TablePool();
    const { signal } = this.control;
    const definitions = new DefinitionReader({ source, target, signal, company: () => pool.size > 1 });
    const lost: TableResult[] = [];
    const turns = new Turns(pair.verify.parallel);
    const smallRows = Math.min(smallTableRows, pair.verify.maxChunkRows);
    const examine = async (name: TableName, place: Place): Promise<void> => {
      const id = tableId(name);
      const override = overrideFor(pair.tables, name);
      let fault: unknown = null;
      const result = await checkTable(name, {
        definitions,
        turns,
        place,
        named: this.#options.only !== null,
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
        resume: this.#checkpointOf(name),
        onFault: (error) => {
          fault = error;
        },
        onCheckpoint: (checkpoint) => this.#keep(id, checkpoint),
        onChunk: (chunkRows) => {
          this.#progress.chunksDone++;
          this.#progress.rowsDone += chunkRows;
          this.#publish(true);
        },
      });
      const away = fault instanceof ServerFault && fault.kind === 'connection';
      if (away && result?.verdict === 'ERROR') lost.push(result);
      else if (result) this.#found(result);
      else {
        this.#progress.tablesTotal--;
        this.#options.onGone?.(name);
      }
      this.#dropCheckpoint(id);
      // A server that stayed away for as long as a table waits would cost every further table that time.
      if (away) throw fault;
      this.#mustBeTheSameServers();
    };
    const examineAll = async () => {
      for (const { schema, table, rowsEstimated } of tables) {
        const name: TableName = { schema, table };
        if (done.has(tableId(name))) continue;
        await pool.begin(rowsEstimated <= smallRows ? 'small' : 'large', async (place) => {
          signal.throwIfAborted();
          this.#current.set(tableId(name), name);
          this.#evidence = `comparing ${formatTableName(name)}`;
          this.#publish(true);
          try {
            await examine(name, place);
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
        (a, b) => a.startedAt.getTime() - b.startedAt.getTime() || compareText(tableId(a), tableId(b)),
      );
      if (first) this.#found(first);
      throw error;
    }
    if (this.#kept) this.#dropCheckpoint(this.#kept.id);
  }

  #found(result: TableResult): void {
    this.#progress.tablesDone++;
    this.#verdicts[result.verdict] = (this.#verdicts[result.verdict] ?? 0) + 1;
    this.#options.onResult(result);
  }

  /** What was found before a server was exchanged says nothing of the one that is there now. */
  #mustBeTheSameServers(): void {
    const { source, target } = this.#options;
    const now = this.#basis && { ...this.#basis, ...sidesOf(source, target) };
    const other = now && this.#basis && whyOther(this.#basis, now);
    if (other) throw new Error(`a server was exchanged for another during the run, which is void: ${other}`);
  }

  /** Counts what an earlier process had done with; its tables are not looked at again. */
  #takeUp(): Set<string> {
    const { done = [], checkpoint = null } = this.#options.resume ?? {};
    if (checkpoint) this.#kept = { id: tableId(checkpoint), rows: checkpoint.tally.rowsCompared };
    for (const { verdict, rowsCompared } of done) {
      this.#progress.tablesDone++;
      this.#progress.rowsDone += rowsCompared;
      this.#verdicts[verdict] = (this.#verdicts[verdict] ?? 0) + 1;
    }
    return new Set(done.map(tableId));
  }

  #checkpointOf(name: TableName): TableCheckpoint | null {
    const checkpoint = this.#options.resume?.checkpoint;
    return checkpoint && tableId(checkpoint) === tableId(name) ? checkpoint : null;
  }

  /** Of several tables that are examined side by side, of the one that has most to lose. */
  #keep(id: string, checkpoint: () => TableCheckpoint): void {
    const now = performance.now();
    if (now < this.#nextCheckpoint) return;
    const kept = checkpoint();
    const { rowsCompared } = kept.tally;
    if (this.#kept && this.#kept.id !== id && this.#kept.rows > rowsCompared) return;
    this.#kept = { id, rows: rowsCompared };
    this.#nextCheckpoint = now + checkpointEveryMs + checkpointRowMs * kept.tally.rows.length;
    this.#options.onCheckpoint?.(kept);
  }

  #dropCheckpoint(id: string): void {
    if (this.#kept?.id !== id) return;
    this.#kept = null;
    this.#options.onCheckpoint?.(null);
  }

  /** The union of both sides, so that a table on one side only is seen, and what earlier runs knew. */
  async #tables(): Promise<CatalogEntry[]> {
    const { source, target, only, pair, known } = this.#options;
    const query = { signal: this.control.signal };
    const schemas = only && new Set(only.map(({ schema }) => schema.toLowerCase()));
    const wanted = (schema: string) =>
      schemas ? schemas.has(schema.toLowerCase()) : maySelect(pair.tables, schema);
    const [here, onTarget] = await retryConnection(
      () => Promise.all([listTables(source, wanted, query), listTables(target, wanted, query)]),
      [source, target],
      pair.verify.waitMs,
      this.control.signal,
    );
    const spelled = (entries: CatalogEntry[]) =>
      target.facts?.foldsNames ? asSpelledBy(here, entries) : entries;
    const there = spelled(onTarget);
    const asked = only && new Set(only.map(tableId));
    const found = new Map<string, CatalogEntry>();
    const others = new Map<string, CatalogEntry>();
    // The source's entry is to win, as its estimate of the rows is the one shown.
    for (const entry of [...spelled(absent(only ?? known?.() ?? [])), ...there, ...here]) {
      const id = tableId(entry);
      if (asked ? !asked.has(id) : !selected(pair.tables, entry)) continue;
      (entry.kind === 'table' ? found : others).set(id, entry);
    }
    this.#notCompared = [...others].filter(([id]) => !found.has(id)).map(([, entry]) => entry);
    const fitting = (pattern: string) => [...here, ...there].some((entry) => fits(pattern, entry));
    if (!only) {
      const { include, overrides } = pair.tables;
      this.#unmatched = include.filter((pattern) => !fitting(pattern));
      this.#idleSettings = overrides.map(({ match }) => match).filter((pattern) => !fitting(pattern));
    }
    return [...found.values()].sort((a, b) =>
      a.schema === b.schema ? compareText(a.table, b.table) : compareText(a.schema, b.schema),
    );
  }

  #summary(): string {
    const parts: string[] = [];
    if (this.#progress.tablesTotal === 0) {
      parts.push(
        'UNVERIFIED, no table to compare: none fits the patterns, or the account may see none (SELECT on the schemas is needed on both sides)',
      );
    } else {
      parts.push(
        Object.entries(this.#verdicts)
          .map(([verdict, n]) => `${n} ${verdict}`)
          .join(', '),
      );
    }
    if (this.#unmatched.length > 0) {
      parts.push(`no table that the account may see fits ${this.#unmatched.join(', ')}`);
    }
    if (this.#idleSettings.length > 0) {
      parts.push(`the settings of ${this.#idleSettings.join(', ')} hold for no table`);
    }
    if (this.#notCompared.length > 0) parts.push(`not compared: ${countKinds(this.#notCompared)}`);
    return parts.join('; ');
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

/** Tables that were asked for by name, or known, are looked at even where neither catalog has them. */
function absent(names: TableName[]): CatalogEntry[] {
  return names.map(({ schema, table }) => ({ schema, table, engine: null, rowsEstimated: 0, kind: 'table' }));
}

/** Of a server that knows names in small letters only: what the source calls otherwise has the source's name. */
function asSpelledBy(source: CatalogEntry[], folded: CatalogEntry[]): CatalogEntry[] {
  const exact = new Set(source.map(tableId));
  const spelled = new Map(source.map((entry) => [tableId(entry).toLowerCase(), entry]));
  return folded.map((entry) => {
    const id = tableId(entry);
    const twin = exact.has(id) ? undefined : spelled.get(id.toLowerCase());
    return twin ? { ...entry, schema: twin.schema, table: twin.table } : entry;
  });
}

/** e.g. "2 views, 1 sequence". */
function countKinds(entries: CatalogEntry[]): string {
  return (['view', 'sequence'] as const)
    .map((kind) => ({ kind, n: entries.filter((entry) => entry.kind === kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ kind, n }) => `${n} ${kind}${n === 1 ? '' : 's'}`)
    .join(', ');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
