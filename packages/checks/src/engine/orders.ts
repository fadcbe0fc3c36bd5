import type { AlertManager } from '../alerts/alert-manager.ts';
import type { SilenceBook } from '../alerts/silences/silence-book.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import type { Alert } from '../model/alert.ts';
import type { GroupState } from '../model/group.ts';
import type { PairState } from '../model/pair.ts';
import type { Run } from '../model/run.ts';
import type { AlertMatcher, NewSilence, SilencePreview, SilenceState } from '../model/silence.ts';
import { type CheckKind, differing } from '../model/verdict.ts';
import { EngineRequestError } from '../request-error.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import { namesFold } from '../server/names-fold.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { formatTableName, parseTableName } from '../table-name.ts';
import { type RepairText, repairText } from '../verify/repair/repair-text.ts';
import { overrideFor } from '../verify/run/selection.ts';
import type { CheckRunner } from './check-runner.ts';
import type { Chronicle } from './chronicle.ts';
import type { PairBoard } from './pair-board.ts';
import { previewSilence } from './preview-silence.ts';

export interface OrdersOptions {
  pairs: ReadonlyMap<string, PairBoard>;
  servers: ConnectionManager;
  lag: LagManager;
  runner: CheckRunner;
  alerts: AlertManager;
  silences: SilenceBook;
  storage: MetricsStorage;
  chronicle: Chronicle;
}

/** What a person may ask of the engine, and what speaks against it. Everything throws EngineRequestError. */
export class Orders {
  readonly #options: OrdersOptions;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  startRun(pair: string, check: CheckKind, tables: string[] | null, by: string): Run {
    const only = tables?.map(parseTableName) ?? null;
    return this.#options.runner.submit(this.#pair(pair), check, only, by);
  }

  cancelRun(id: string, by: string): Run {
    const { runner, chronicle } = this.#options;
    const given = runner.giveUp(id, by);
    if (given) {
      chronicle.happened(given.pair, 'operator', `${given.check} run cancelled by ${by}`);
      return given;
    }
    const job = runner.get(id);
    job.cancel(by);
    chronicle.happened(job.run.pair, 'operator', `${job.run.check} run cancelled by ${by}`);
    return job.run;
  }

  pauseRun(id: string, by: string): Run {
    const job = this.#options.runner.get(id);
    job.pause(by);
    return job.run;
  }

  resumeRun(id: string): Run {
    const going = this.#options.runner.goOnNow(id);
    if (going) return going;
    const job = this.#options.runner.get(id);
    const { pair } = job.run;
    if (this.#pair(pair).paused) {
      throw new EngineRequestError('CONFLICT', `pair ${pair} is paused; resume the pair`);
    }
    job.resume();
    return job.run;
  }

  setPaused(name: string, paused: boolean, by: string): PairState {
    const { storage, runner, chronicle } = this.#options;
    const pair = this.#pair(name);
    if (pair.paused !== paused || pair.perhapsPaused) {
      pair.paused = paused;
      pair.perhapsPaused = false;
      storage.setPaused(name, paused);
      for (const run of runner.ofPair(name)) {
        if (paused) run.pause(by);
        else run.resume();
      }
      chronicle.happened(name, 'operator', `${paused ? 'paused' : 'resumed'} by ${by}`);
      chronicle.pair(pair);
    }
    return pair.state;
  }

  acknowledgeAlert(id: string, by: string, note: string): Alert {
    return this.#options.alerts.acknowledge(id, by, note);
  }

  unacknowledgeAlert(id: string, by: string): Alert {
    return this.#options.alerts.unacknowledge(id, by);
  }

  previewSilence(matcher: AlertMatcher): SilencePreview {
    const { alerts, silences: book, storage } = this.#options;
    return previewSilence({ alerts, book, storage }, matcher, new Date());
  }

  createSilence(silence: NewSilence, by: string): SilenceState {
    return this.#resilenced(this.#options.silences.add(silence, by));
  }

  endSilence(id: string, by: string): SilenceState {
    return this.#resilenced(this.#options.silences.end(id, by));
  }

  restoreSilence(id: string, by: string): SilenceState {
    return this.#resilenced(this.#options.silences.restore(id, by));
  }

  #resilenced(state: SilenceState): SilenceState {
    this.#options.alerts.resilence();
    return state;
  }

  silenceAlert(id: string, by: string, until: Date | null): Alert {
    return this.#options.alerts.silence(id, by, until);
  }

  /** `size`: how many members whoever asks saw it to have. */
  acceptGroupSize(id: string, size: number, by: string): GroupState {
    const { lag } = this.#options;
    const group = lag.groups().find((group) => group.id === id);
    if (!group) throw new EngineRequestError('NOT_FOUND', `no cluster has the id ${id}`);
    if (group.size !== size || (group.state !== 'degraded' && group.state !== 'whole')) {
      throw new EngineRequestError(
        'CONFLICT',
        `it is not a cluster of ${size} at present: ${group.evidence}`,
      );
    }
    return group.state === 'whole' ? group : (lag.takeForWhole(id, by) ?? group);
  }

  /** Rejects with ServerFault when a server cannot be asked. */
  async repair(pair: string, check: CheckKind, schema: string, table: string): Promise<RepairText> {
    const { storage, servers } = this.#options;
    const board = this.#pair(pair);
    const { config, tables } = board;
    const name = board.spelled({ schema, table });
    const result = storage.result(pair, check, name.schema, name.table);
    const mustHold = () => {
      const why = tables.whyVoid(check, name);
      if (result && why === null) return result;
      throw new EngineRequestError(
        'NOT_FOUND',
        `${formatTableName(name)} has no ${check} result to be repaired from${why === null ? '' : `: ${why}`}`,
      );
    };
    const { differences } = mustHold();
    const limit = { limit: config.verify.maxRowsListed };
    const { items } = storage.differences(pair, check, name.schema, name.table, limit);
    const sides = { source: servers.get(config.source), target: servers.get(config.target) };
    const repair = await repairText({
      ...sides,
      name,
      rows: items,
      total: differing(differences),
      override: overrideFor(config.tables, name, namesFold(sides.source, sides.target)),
      query: {},
    });
    // A server may have been exchanged while it was asked.
    mustHold();
    return repair;
  }

  #pair(name: string): PairBoard {
    const { pairs } = this.#options;
    const pair = pairs.get(name);
    if (!pair) {
      const names = [...pairs.keys()].join(', ');
      throw new EngineRequestError('NOT_FOUND', `no pair is named ${name}; configured are: ${names}`);
    }
    return pair;
  }
}
