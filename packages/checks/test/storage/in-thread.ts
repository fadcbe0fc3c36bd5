import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { type Logger, silent } from '../../src/log.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';
import { openStorageInThread, type ThreadOptions } from '../../src/storage/thread/open-in-thread.ts';
import { storageConfig } from './nouns.ts';

/** A thread whose disk hangs when `hang` says so. */
export const hangingThread = new URL('./children/hanging-thread.ts', import.meta.url);

/** A history in a thread, which the test's end closes. */
export async function inThread(file: string, options: Partial<ThreadOptions> = {}): Promise<MetricsStorage> {
  const storage = await openStorageInThread(storageConfig(file), { log: silent, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

/** From now on nothing that reads or writes the file comes back, until it is let go. */
export function hang(file: string): () => void {
  const pipe = `${file}.hangs`;
  execFileSync('mkfifo', [pipe]);
  const letGo = () => {
    if (!existsSync(pipe)) return;
    // Whoever waits for somebody to write into it goes on, and nobody else begins to.
    const writing = openSync(pipe, constants.O_RDWR);
    rmSync(pipe);
    closeSync(writing);
  };
  onTestFinished(letGo);
  return letGo;
}

export function lines(): { log: Logger; said: string[] } {
  const said: string[] = [];
  const note = (_fields: object, message: string) => void said.push(message);
  return { said, log: { debug: note, info: note, warn: note, error: note } };
}
