// The thread that has the history's file: whatever the disk does, nobody else waits for it longer than they want to.
import { parentPort, workerData } from 'node:worker_threads';
import type { Logger } from '../../log.ts';
import { openStorageOrGoOn } from '../open.ts';
import type { MetricsStorage } from '../storage.ts';
import { toSent } from './across.ts';
import type { Answer, Beginning, Message, News } from './messages.ts';
import { systemsIdOfThread } from './signs-of-life.ts';

const healthMs = 1_000;

const { config, bufferRows, done, answers, news: told } = workerData as Beginning;
const main = parentPort;
Atomics.store(done, 1, systemsIdOfThread());
if (!main) throw new Error('the history’s thread is not begun by itself');

const say = (news: News): void => {
  try {
    told.postMessage(news);
  } catch {
    // Something in it cannot be sent: the words alone can.
    if (news.kind === 'log') told.postMessage({ ...news, fields: {} } satisfies News);
  }
};
const logger =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (fields: object, message: string): void =>
    say({ kind: 'log', level, fields, message });
const log: Logger = {
  debug: logger('debug'),
  info: logger('info'),
  warn: logger('warn'),
  error: logger('error'),
};

function doneWithOne(): void {
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
}

/** Of this thread alone, where the platform tells that. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1_000;
}

/** Walks that were begun and not ended, by number. */
const walks = new Map<number, Iterator<unknown>>();
let nextWalk = 0;

function open(): MetricsStorage | null {
  try {
    const elapsed = () => performance.now();
    return openStorageOrGoOn(config, { log, elapsed, ...(bufferRows !== undefined && { bufferRows }) });
  } catch (error) {
    say({ kind: 'refused', error: toSent(error) });
    return null;
  }
}

/** What is asked of the thread beside the storage's own methods. */
function own(
  storage: MetricsStorage,
  telling: NodeJS.Timeout,
): Record<string, (...args: never[]) => unknown> {
  return {
    knowsBefore: () => storage.knowsBefore,
    beginWalk(what: 'eachOpenAlert' | 'openDeliveries'): number {
      walks.set(++nextWalk, storage[what]()[Symbol.iterator]());
      return nextWalk;
    },
    stepWalk(walk: number): IteratorResult<unknown> {
      const step = walks.get(walk)?.next() ?? { done: true, value: undefined };
      if (step.done) walks.delete(walk);
      return step;
    },
    endWalk(walk: number): void {
      walks.get(walk)?.return?.();
      walks.delete(walk);
    },
    end() {
      clearInterval(telling);
      storage.close();
      main?.close();
      return storage.health();
    },
  };
}

const storage = open();
if (storage === null) {
  main.close();
} else {
  const telling = setInterval(() => {
    say({ kind: 'health', health: storage.health() });
    Atomics.add(done, 2, 1);
  }, healthMs);
  const methods = own(storage, telling);
  const call = (method: string, args: unknown[]): unknown => {
    const work = methods[method] ?? (storage as unknown as Record<string, unknown>)[method];
    return (work as (...args: unknown[]) => unknown).apply(storage, args);
  };
  const answered = (message: Message): Pick<Answer, 'value' | 'error'> => {
    try {
      return { value: call(message.method, message.args) };
    } catch (error) {
      if (message.id === null) log.error({ err: error }, `history: ${message.method} failed`);
      return { error: toSent(error) };
    }
  };
  storage.onReopened(() => say({ kind: 'reopened' }));
  // Before whoever waits for it hears so: by then it is not to be missing any more.
  doneWithOne();
  say({ kind: 'opened', health: storage.health() });
  main.on('message', (message: Message) => {
    const began = message.id === null ? 0 : processorMs();
    const answer = answered(message);
    if (message.id !== null) {
      const tookMs = processorMs() - began;
      answers.postMessage({ id: message.id, tookMs, ...answer } satisfies Answer);
    }
    doneWithOne();
  });
}
