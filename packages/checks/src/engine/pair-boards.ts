import type { PairConfig } from '../config.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { PairBoard } from './pair-board.ts';
import { recallResults } from './recall-results.ts';

/** The boards of the pairs that are watched. */
export class PairBoards {
  readonly #storage: MetricsStorage;
  readonly #boards = new Map<string, PairBoard>();

  constructor(pairs: PairConfig[], storage: MetricsStorage) {
    this.#storage = storage;
    this.arrange(pairs, new Set(pairs.map(({ name }) => name)));
  }

  /** By the pairs' names, in the order of the configuration, as they are now: it may change. */
  get all(): ReadonlyMap<string, PairBoard> {
    return this.#boards;
  }

  /** Throws on a name that is not configured: a mistake of the caller, not of the user. */
  get(name: string): PairBoard {
    const board = this.#boards.get(name);
    if (!board) throw new Error(`no pair is named ${name}`);
    return board;
  }

  /** Those of which one of these servers is a side. */
  of(servers: readonly string[]): PairBoard[] {
    return [...this.#boards.values()].filter(
      ({ config }) => servers.includes(config.source) || servers.includes(config.target),
    );
  }

  /** In the order of the configuration; answers those of the pairs that are `anew`. */
  arrange(pairs: PairConfig[], anew: ReadonlySet<string>): PairBoard[] {
    const before = new Map(this.#boards);
    const paused = new Set(anew.size > 0 ? this.#storage.pausedPairs() : []);
    this.#boards.clear();
    return pairs.flatMap((pair) => {
      const { name } = pair;
      const known = before.get(name);
      if (known && !anew.has(name)) {
        this.#boards.set(name, known);
        return [];
      }
      // What is known here holds, though the history cannot be read just now.
      const board = new PairBoard(
        pair,
        recallResults(pair, this.#storage, known?.tables.found()),
        known?.paused ?? paused.has(name),
      );
      board.perhapsPaused = known?.perhapsPaused ?? false;
      this.#boards.set(name, board);
      return [board];
    });
  }
}
