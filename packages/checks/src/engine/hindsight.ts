import type { AlertManager } from '../alerts/alert-manager.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import type { Logger } from '../log.ts';
import type { Mishaps, Struck } from '../mishaps.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { formatDuration } from '../time/duration.ts';
import type { CheckRunner } from './check-runner.ts';
import type { Chronicle } from './chronicle.ts';
import type { Orders } from './orders.ts';
import type { PairBoard } from './pair-board.ts';
import { recallResults } from './recall-results.ts';

export interface HindsightOptions {
  pairs: ReadonlyMap<string, PairBoard>;
  storage: MetricsStorage;
  servers: ConnectionManager;
  lag: LagManager;
  runner: CheckRunner;
  alerts: AlertManager;
  orders: Orders;
  chronicle: Chronicle;
  mishaps: Mishaps;
  log: Logger;
}

/**
 * How long scheduled checks wait for a history that cannot be read. Whoever paused a pair had a reason, and a history
 * that comes back mostly does so within minutes: a disk that is made room on, a volume that is mounted late. One that
 * never does must not end verification for good.
 */
const holdMs = 900_000;

/**
 * What earlier processes left, where it can be read only later. Until then nothing is done that a pause would forbid.
 */
export class Hindsight {
  readonly #options: HindsightOptions;
  readonly #forget: () => void;
  #held: NodeJS.Timeout | undefined;
  #isStarted = false;
  /** It can be read since, and nothing was begun yet. */
  #isDue = false;

  /** What was to be gone on with was read just now, as far as it could be. */
  constructor(options: HindsightOptions) {
    this.#options = options;
    this.#forget = options.storage.onReopened(() => {
      if (this.#isStarted) this.#goOn();
      else this.#isDue = true;
    });
  }

  start(): void {
    this.#isStarted = true;
    if (this.#isDue) this.#goOn();
    if (!this.#options.storage.knowsBefore) this.#hold();
  }

  stop(): void {
    this.#forget();
    clearTimeout(this.#held);
  }

  #hold(): void {
    const { pairs, chronicle, log } = this.#options;
    const why = `scheduled checks wait for up to ${formatDuration(holdMs)}, or until somebody resumes the pair: whether it was paused is not known, for the history cannot be read`;
    log.warn({}, why);
    for (const [name, board] of pairs) {
      board.perhapsPaused = true;
      chronicle.happened(name, 'run', why);
    }
    this.#held = setTimeout(() => {
      log.warn(
        {},
        'scheduled checks begin, of pairs that somebody paused, too: the history still cannot be read',
      );
      for (const board of pairs.values()) board.perhapsPaused = false;
    }, holdMs);
    this.#held.unref();
  }

  #goOn(): void {
    this.#options.mishaps.guard('going on with the history', () => this.#recall());
  }

  #recall(): void {
    clearTimeout(this.#held);
    const { pairs, storage, servers, lag, runner, alerts, orders, mishaps } = this.#options;
    const each = (what: string, work: () => void, struck?: Struck) => mishaps.guard(what, work, struck);
    const paused = new Set(storage.pausedPairs());
    for (const [name, board] of pairs) {
      board.perhapsPaused = false;
      if (paused.has(name) && !board.paused) {
        each('pausing', () => orders.setPaused(name, true, 'somebody before Lockstep was started'), {
          pair: name,
        });
      }
      each('recalling results', () => this.#recallResults(board), { pair: name });
    }
    each('recalling servers', () => servers.recall(storage.knownServers()));
    each('recalling members of clusters', () => lag.recall(storage.knownServers()));
    each('recalling runs', () => runner.recall());
    each('recalling alerts', () => alerts.recall());
  }

  /** What this process found itself is newer. */
  #recallResults(board: PairBoard): void {
    const { storage, chronicle } = this.#options;
    const unknown = recallResults(board.config, storage).filter(
      (result) => board.tables.verdict(result.check, result) === undefined,
    );
    if (unknown.length === 0) return;
    chronicle.known(unknown.flatMap((result) => board.tables.take(result)));
    chronicle.pairSoon(board);
  }
}
