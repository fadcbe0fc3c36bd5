import type { AlertManager } from '../alerts/alert-manager.ts';
import type { EngineConfig } from '../config.ts';
import type { TableFilter, TableState } from '../engine-api.ts';
import type { Alert } from '../model/alert.ts';
import type { LagBucket } from '../model/lag.ts';
import type { Run } from '../model/run.ts';
import type { Tallies } from '../model/tally.ts';
import type { CheckKind, RowDifference } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import { pageOfItems } from '../storage/page.ts';
import type {
  AlertFilter,
  MetricsStorage,
  Page,
  PageRequest,
  RunChange,
  VerdictSince,
} from '../storage/storage.ts';
import { StorageError } from '../storage/storage-error.ts';
import type { CheckRunner } from './check-runner.ts';
import { pageOfPairs } from './page-of-names.ts';
import type { PairBoard } from './pair-board.ts';

export interface ReadingOptions {
  /** As it is now. */
  config: () => EngineConfig;
  pairs: ReadonlyMap<string, PairBoard>;
  storage: MetricsStorage;
  runner: CheckRunner;
  alerts: AlertManager;
}

/** What is asked of tables, runs, lag and alerts: of the history, as far as what is so now does not know better. */
export class Reading {
  readonly #options: ReadingOptions;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  tablePage(pair: string, page: PageRequest, filter?: TableFilter): Page<TableState> {
    const { pairs, runner } = this.#options;
    return pairs.get(pair)?.tables.page(page, runner.current(pair), filter) ?? nothing();
  }

  everyTable(request: PageRequest, { known }: Omit<TableFilter, 'search'> = {}): Page<TableState> {
    const { pairs, runner } = this.#options;
    const boards = [...pairs.values()].map(({ tables }) => tables.namesKnownAs(known));
    const { items, ...where } = pageOfPairs(boards, request);
    const current = new Map<string, Set<string>>();
    const states = items.flatMap(({ pair, ...name }) => {
      const now = current.get(pair) ?? runner.current(pair);
      current.set(pair, now);
      return pairs.get(pair)?.tables.get(name, now) ?? [];
    });
    return { ...where, items: states };
  }

  tables(pair: string): TableState[] {
    const { pairs, runner } = this.#options;
    return pairs.get(pair)?.tables.list(runner.current(pair)) ?? [];
  }

  table(pair: string, schema: string, table: string): TableState | null {
    const { pairs, runner } = this.#options;
    const board = pairs.get(pair);
    return board?.tables.get(board.spelled({ schema, table }), runner.current(pair)) ?? null;
  }

  differences(
    pair: string,
    check: CheckKind,
    schema: string,
    table: string,
    page: PageRequest,
  ): Page<RowDifference> {
    return this.#holds(pair, check, schema, table)
      ? this.#options.storage.differences(pair, check, schema, table, page)
      : nothing();
  }

  verdictSince(pair: string, check: CheckKind, schema: string, table: string): VerdictSince | null {
    return this.#holds(pair, check, schema, table)
      ? this.#options.storage.verdictSince(pair, check, schema, table)
      : null;
  }

  tallies(): Tallies {
    const { alerts, pairs } = this.#options;
    const boards = [...pairs.values()];
    return {
      openAlerts: alerts.tally(),
      differingRows: boards.map(({ config, tables }) => ({ pair: config.name, ...tables.differingRows() })),
      lastRuns: boards.flatMap(({ lastRuns }) => Object.values(lastRuns)),
    };
  }

  run(id: string): Run | null {
    const { runner, storage } = this.#options;
    return runner.active().find((run) => run.id === id) ?? storage.run(id);
  }

  runChanges(id: string, sinceId: string, page: PageRequest): Page<RunChange> {
    const [run, since] = [id, sinceId].map((each) => {
      const found = this.run(each);
      if (!found) {
        throw new EngineRequestError('NOT_FOUND', `there is no run ${each.slice(0, 100)} (any more)`);
      }
      return found;
    }) as [Run, Run];
    if (run.pair !== since.pair || run.check !== since.check) {
      throw new EngineRequestError('INVALID', 'runs of two pairs or checks say nothing of each other');
    }
    return this.#options.storage.runChanges(run, since, page);
  }

  lagHistory(pair: string, range: { from: Date; to: Date; maxPoints: number }): LagBucket[] {
    const { config, storage } = this.#options;
    // With more buckets than samples every second one would look like a gap.
    const samples = (range.to.getTime() - range.from.getTime()) / (2 * config().lag.sampleIntervalMs);
    const maxPoints = Math.max(1, Math.min(range.maxPoints, Math.floor(samples)));
    return storage.lagHistory(pair, { ...range, maxPoints });
  }

  alert(id: string): Alert | null {
    const { alerts, storage } = this.#options;
    return alerts.open().find((alert) => alert.id === id) ?? storage.alert(id);
  }

  /** What is open is known without the history, too; then the list has one page. */
  alerts(filter: AlertFilter, page: PageRequest): Page<Alert> {
    const { storage, alerts } = this.#options;
    try {
      return storage.alerts(filter, page);
    } catch (error) {
      const { states, severities, pair } = filter;
      if (!(error instanceof StorageError) || !states || states.includes('resolved')) throw error;
      const open = alerts
        .open()
        .filter((alert) => states.includes(alert.state))
        .filter((alert) => severities?.includes(alert.severity) ?? true)
        .filter((alert) => pair === undefined || alert.pair === pair);
      return pageOfItems(open, ({ startedAt, id }) => [startedAt.getTime(), id], page);
    }
  }

  /** False for a result that says nothing any more, of another server for one. */
  #holds(pair: string, check: CheckKind, schema: string, table: string): boolean {
    const why = this.#options.pairs.get(pair)?.tables.whyVoid(check, { schema, table }) ?? null;
    return why === null;
  }
}

function nothing(): Page<never> {
  return { items: [], cursors: [], hasPrevious: false, previousCursor: null, nextCursor: null, total: 0 };
}
