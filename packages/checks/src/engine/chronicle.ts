import { v7 as uuid } from 'uuid';
import type { PairConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Mishaps } from '../mishaps.ts';
import type { Publish } from '../model/event.ts';
import type { GroupState } from '../model/group.ts';
import type { HeartbeatReading } from '../model/heartbeat.ts';
import type { LagSample } from '../model/lag.ts';
import type { PairEvent, PairStateName } from '../model/pair.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import type { Run } from '../model/run.ts';
import type { ServerState } from '../model/server.ts';
import type { DefinitionDigests, TableResult, Verdict } from '../model/verdict.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { formatTableName, type TableName } from '../table-name.ts';
import type { PairBoard } from './pair-board.ts';

export interface ChronicleOptions {
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  mishaps: Mishaps;
}

const publishEveryMs = 200;

/**
 * The one place that says of everything that happens whether it is kept in the storage, told to subscribers, logged,
 * or all of these. What is current lies in the pairs' monitors, not here.
 */
export class Chronicle {
  readonly #storage: MetricsStorage;
  readonly #publish: Publish;
  readonly #log: Logger;
  readonly #mishaps: Mishaps;
  readonly #changed = new Set<PairBoard>();
  readonly #forgotten = new WeakSet<PairBoard>();
  #publishing: NodeJS.Timeout | undefined;

  constructor({ storage, publish, log, mishaps }: ChronicleOptions) {
    this.#mishaps = mishaps;
    this.#storage = storage;
    this.#publish = publish;
    this.#log = log;
  }

  lag(sample: LagSample): void {
    this.#storage.recordLag(sample);
    this.#publish({ type: 'lag', pair: sample.pair, data: sample });
  }

  replication(status: ReplicationStatus): void {
    this.#publish({ type: 'replication', pair: status.pair, data: status });
  }

  heartbeat(reading: HeartbeatReading): void {
    this.#publish({ type: 'heartbeat', pair: reading.pair, data: reading });
  }

  group(state: GroupState): void {
    this.#publish({ type: 'group', pair: null, data: state });
  }

  server(state: ServerState): void {
    this.#publish({ type: 'server', pair: null, data: state });
  }

  /** The pair's state became another one. */
  state(pair: string, state: PairStateName, evidence: string, at: Date): void {
    this.#log[state === 'in-sync' ? 'info' : 'warn']({ pair, state }, evidence);
    this.#event({ id: uuid(), pair, at, kind: 'state', state, message: evidence });
  }

  /** Something for the pair's time line. */
  happened(pair: string, kind: PairEvent['kind'], message: string, at = new Date()): void {
    this.#event({ id: uuid(), pair, at, kind, state: null, message });
  }

  /** A run is queued, or got further; `keep` when history is to know what it says now. */
  run(run: Run, keep: boolean): void {
    if (keep) this.#storage.recordRun(run);
    this.#publish({ type: 'run', pair: run.pair, data: run });
  }

  /** It begins to compare, for the first time. */
  runBegun({ pair, check, only }: Run): void {
    const of = only === null ? '' : ` of ${only.length === 1 ? only[0] : `${only.length} tables`}`;
    this.happened(pair, 'run', `${check} run${of} begun`);
  }

  runEnded(run: Run): void {
    const { pair, check, state, evidence, verdicts } = run;
    const message = `${check} run ${state}: ${evidence}`;
    this.#log.info({ pair, check, run: run.id, state, verdicts }, message);
    this.happened(pair, 'run', message);
  }

  /** It is to go on later. */
  runSuspended({ pair, check, evidence, id }: Run): void {
    const message = `${check} run ${evidence}`;
    this.#log.info({ pair, check, run: id }, message);
    this.happened(pair, 'run', message);
  }

  /** `known`: what it and others say now. `before`: the verdict that the same check had for the table until now. */
  result(result: TableResult, known: Omit<TableResult, 'rows'>[], before: Verdict | undefined): void {
    this.#storage.recordResult(result);
    this.known(known);
    const { pair, check } = result;
    const { verdict, reason } = known.find((each) => each.check === check) ?? result;
    if (before === verdict) return;
    const table = formatTableName(result);
    this.#log[verdict === 'MATCH' ? 'info' : 'warn']({ pair, table, check, verdict }, reason);
    // That a new table matches is no event; that one matches again is.
    if (verdict !== 'MATCH' || before !== undefined) {
      this.happened(pair, 'run', `${table}: ${verdict}, ${reason}`);
    }
  }

  /** On these sides the table is another than when a check last looked. */
  altered(table: TableName, pair: PairConfig, sides: (keyof DefinitionDigests)[]): void {
    const where = sides.map((side) => pair[side]).join(' and on ');
    const message = `${formatTableName(table)} is defined in another way on ${where} than at the check before`;
    this.#log.info({ pair: pair.name, table: formatTableName(table) }, message);
    this.happened(pair.name, 'definition', message);
  }

  /** What was found earlier says something else now: history keeps what was found, and when. */
  known(results: Omit<TableResult, 'rows'>[]): void {
    for (const result of results) this.#publish({ type: 'table', pair: result.pair, data: result });
  }

  /** These tables are gone, or not wanted any more: what was found of them must not come back with a restart. */
  forgotten(pair: string, tables: TableName[]): void {
    for (const name of tables) this.#storage.forgetResults(pair, name);
  }

  /** Tells what is shown of the pair. */
  pair(pair: PairBoard): void {
    this.#publish({ type: 'pair', pair: pair.config.name, data: pair.state });
  }

  /** The same for what may change a thousand times a second: verdicts. It is told a few times a second. */
  pairSoon(pair: PairBoard): void {
    if (this.#forgotten.has(pair)) return;
    this.#changed.add(pair);
    this.#publishing ??= setTimeout(() => {
      this.#publishing = undefined;
      for (const changed of this.#changed) {
        const { name } = changed.config;
        this.#mishaps.guard('telling of a pair', () => this.pair(changed), { pair: name });
      }
      this.#changed.clear();
    }, publishEveryMs);
  }

  /** Nothing is told any more of a pair that is not watched any more, whatever of it is still ending. */
  forget(pair: PairBoard): void {
    this.#changed.delete(pair);
    this.#forgotten.add(pair);
  }

  stop(): void {
    clearTimeout(this.#publishing);
  }

  #event(event: PairEvent): void {
    this.#storage.recordEvent(event);
    this.#publish({ type: 'pairEvent', pair: event.pair, data: event });
  }
}
