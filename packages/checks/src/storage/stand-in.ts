import type { StorageConfig } from '../config.ts';
import { inSlices } from '../time/slices.ts';
import { Carrying, recallFrom, rememberForgotten } from './carrying.ts';
import type { OpenFile } from './open-file.ts';
import { openFile, type OpenOptions, optionsOf } from './opening.ts';
import { type Instead, SqliteStorage } from './sqlite-storage.ts';
import type { MetricsStorage } from './storage.ts';
import { type StorageError, wordsOf } from './storage-error.ts';

/** What is kept in memory only is kept for so long at most. */
const insteadMs = { rawLagMs: 900_000, minuteLagMs: 43_200_000, historyMs: 43_200_000, auditMs: 43_200_000 };

/** After so long the file is tried again; twice as long after each time, up to a minute: somebody has to act first. */
const firstTryMs = 1_000;
const longestTryMs = 60_000;

/**
 * A history in memory, while the file cannot be used. What the file says of before is read where that can be done. The
 * file is tried again, and gone on with as soon as it can be: then it has what happened meanwhile, too.
 */
export function standIn(config: StorageConfig, options: OpenOptions, first: StorageError): MetricsStorage {
  const { log } = options;
  const { file } = config;
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  /** Open already, and not yet the history. */
  let opened: OpenFile | null = null;
  const short = {
    file: ':memory:',
    rawLagMs: Math.min(config.rawLagMs, insteadMs.rawLagMs),
    minuteLagMs: Math.min(config.minuteLagMs, insteadMs.minuteLagMs),
    historyMs: Math.min(config.historyMs, insteadMs.historyMs),
    auditMs: insteadMs.auditMs,
  };
  // Of the latest result of each table there is one, however long it is kept, and with it its rows are.
  const shorter = { ...optionsOf(short, options), resultsMs: config.historyMs };
  const memory = openFile(shorter, () => {
    ended.abort();
    clearTimeout(timer);
    opened?.close();
  });
  const knowsBefore = recallFrom(file, memory.db);
  rememberForgotten(memory.db);
  const because = (error: unknown): Instead => {
    const before = knowsBefore ? 'what it says of before is known' : 'nothing of before is known';
    const why = `${wordsOf(error)}; ${before}, and what happens is kept in memory, for hours, until the file can be used: it is tried again`;
    return { why, knowsBefore };
  };
  let instead = because(first);
  const storage = new SqliteStorage(memory, shorter, instead);
  log.error({ err: first, file }, `history is not kept: ${instead.why}`);

  const failed = (error: unknown): void => {
    opened?.close();
    opened = null;
    const { why } = instead;
    instead = because(error);
    storage.standIn(instead);
    if (instead.why !== why) log.error({ err: error, file }, `history is still not kept: ${instead.why}`);
  };
  const tryAgain = (afterMs: number): void => {
    timer = setTimeout(() => {
      const next = Math.min(afterMs * 2, longestTryMs);
      const kept = optionsOf(config, options);
      let carrying: Carrying | null = null;
      const over = (error: unknown): void => {
        try {
          carrying?.end();
        } catch {
          // The disk fails, of which the error itself tells.
        }
        failed(error);
        tryAgain(next);
      };
      const carried = (found: OpenFile, rest: Carrying): void => {
        while (memory.writer.buffered > 0 && memory.writer.flush());
        rest.rest();
        rest.end();
        opened = null;
        log.info({ file }, 'history is kept again, with what happened meanwhile');
        storage.become(found, kept);
      };
      try {
        const found = (opened = openFile(kept));
        const whole = (carrying = new Carrying(memory.db, found.db.file, knowsBefore));
        inSlices(whole.history(), ended.signal, (error) => {
          try {
            if (error !== null) over(error);
            else carried(found, whole);
          } catch (trouble) {
            over(trouble);
          }
        });
      } catch (error) {
        over(error);
      }
    }, afterMs);
    timer.unref();
  };
  tryAgain(firstTryMs);
  return storage;
}
