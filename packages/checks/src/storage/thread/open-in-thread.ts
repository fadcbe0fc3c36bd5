import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { StorageConfig } from '../../config.ts';
import type { Logger } from '../../log.ts';
import { openStorageOrGoOn } from '../open.ts';
import type { MetricsStorage, StorageHealth } from '../storage.ts';
import { fromSent, type SentError } from './across.ts';
import { Line } from './line.ts';
import type { Beginning } from './messages.ts';
import { NewsPort } from './news-port.ts';
import { ThreadedStorage } from './threaded-storage.ts';

/** So long it is waited for that a file opens; a large one of an older version has to be migrated. */
const openMs = 20_000;

export interface ThreadOptions {
  log: Logger;
  /** Rows that wait in memory at most while the file cannot be written. */
  bufferRows?: number;
  /** How long the file is waited for; 20 s unless told otherwise. */
  openMs?: number;
  /** The thread's program; for tests. */
  program?: URL;
}

/**
 * As `openStorageOrGoOn`, with the file in a thread of its own: a disk that does not answer (a mount whose server is
 * away, a volume that is frozen) costs the history, and nobody else waits for it. Rejects as that one throws.
 */
export async function openStorageInThread(
  config: StorageConfig,
  options: ThreadOptions,
): Promise<MetricsStorage> {
  const { log, bufferRows } = options;
  // No disk, nothing to wait for.
  if (config.file === ':memory:') return openStorageOrGoOn(config, { log, elapsed: () => performance.now() });
  const done = new Int32Array(new SharedArrayBuffer(12));
  const { port1: answers, port2: answering } = new MessageChannel();
  const { port1, port2: telling } = new MessageChannel();
  const news = new NewsPort(port1);
  const beginning: Beginning = { config, bufferRows, done, answers: answering, news: telling };
  const worker = new Worker(options.program ?? program(), {
    workerData: beginning,
    transferList: [answering, telling],
    name: 'history',
    // Of SQLite, by some versions of Node; a thread does not have what its program did about it.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const line = new Line({
    worker,
    answers,
    done,
    onLate: (isLate) => storage.late(isLate),
    hear: () => news.hear(),
    ...(bufferRows !== undefined && { mostWaiting: bufferRows }),
  });
  const storage = new ThreadedStorage(line, unknownHealth(config.file), log);
  const takeBack = storage.begin();
  const refused = await begun(worker, news, line, storage, options);
  // After they are listened to, which holds a program by itself.
  worker.unref();
  news.unref();
  if (refused) {
    takeBack();
    throw fromSent(refused);
  }
  line.begin();
  return storage;
}

/** Why it must not be opened; null once it is open, or is not waited for any longer. */
function begun(
  worker: Worker,
  news: NewsPort,
  line: Line,
  storage: ThreadedStorage,
  { log, openMs: patience = openMs }: ThreadOptions,
): Promise<SentError | null> {
  return new Promise((resolve) => {
    let isWaitedFor = true;
    const settle = (refused: SentError | null) => {
      clearTimeout(timer);
      isWaitedFor = false;
      resolve(refused);
    };
    const timer = setTimeout(() => {
      line.beginLate();
      settle(null);
    }, patience);
    const over = (why: SentError) => {
      line.end(why.message);
      if (!isWaitedFor) log.error({}, `history is not kept: ${why.message}`);
      settle(why);
    };
    const ended = (why: string) => {
      news.hear();
      // It was ended in order, or has said why itself.
      if (line.over !== null) return;
      over({
        name: 'Error',
        code: null,
        message: `the history's thread has ended: ${why}; restart Lockstep`,
      });
    };
    news.listen((said) => {
      if (said.kind === 'log') log[said.level](said.fields, said.message);
      if (said.kind === 'reopened') storage.reopened();
      if (said.kind === 'health') storage.is(said.health);
      if (said.kind === 'refused') over(said.error);
      if (said.kind === 'opened') {
        storage.is(said.health);
        settle(null);
      }
    });
    worker.on('error', (error: Error) => ended(error.message));
    worker.on('exit', (code) => ended(`it was left with ${code}`));
  });
}

function program(): URL {
  return new URL(`./history-thread${extname(import.meta.filename)}`, import.meta.url);
}

function unknownHealth(file: string): StorageHealth {
  return { ok: false, file, evidence: 'nothing was read yet', buffered: 0, dropped: 0, bytes: null };
}
