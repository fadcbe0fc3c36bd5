import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endProcess, lastLines, spawnGuarded } from '@lockstep/servers';
import { repository } from './build-page.ts';

export interface LockstepProcess {
  /** Rejects, with the end of its log, when it ends by itself. */
  ended: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Starts Lockstep itself, the way a user does, with its log in the guarded `folder`. Resolves when `/api/health`
 * answers that it works; rejects with the end of its log when it ends before that.
 */
export async function startLockstep(folder: string, config: string, port: number): Promise<LockstepProcess> {
  const logFile = join(folder, 'lockstep.log');
  const log = openSync(logFile, 'w');
  const child = spawnGuarded(
    folder,
    [process.execPath, join(repository, 'apps/api/src/cli.ts'), 'serve', '--config', config],
    { cwd: folder, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  let stopping = false;
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      void readFile(logFile, 'utf8').then((text) =>
        reject(new Error(`Lockstep ended with ${signal ?? code}; the end of its log:\n${lastLines(text)}`)),
      );
    });
  });
  const stop = async () => {
    stopping = true;
    await endProcess(child, 'SIGTERM', 8000);
  };
  try {
    await Promise.race([healthy(child, port), ended]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ended, stop };
}

async function healthy(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
    if (response?.ok) return;
    if (performance.now() > deadline) {
      throw new Error(
        `Lockstep is not healthy after 30 s: ${response ? await response.text() : 'no answer'}`,
      );
    }
    await pause(50);
  }
}
