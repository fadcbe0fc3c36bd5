import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess, lastLines, spawnGuarded } from '@lockstep/servers';
import { answers } from './answers.ts';
import { repository } from './build-page.ts';

export interface LockstepProcess {
  /** Rejects, with the end of its log, when it ends by itself. */
  ended: Promise<never>;
  stop(): Promise<void>;
}

export interface LockstepOptions {
  /** Starts again whenever one of its sources changes; its log goes to this terminal and not to the folder. */
  watch?: boolean;
  /** Beside this process's own. */
  env?: Record<string, string>;
}

/**
 * Starts Lockstep itself, the way a user does, with its log in the guarded `folder`. Resolves when `/api/health`
 * answers that it works; rejects with the end of its log when it ends before that.
 */
export async function startLockstep(
  folder: string,
  config: string,
  port: number,
  { watch = false, env = {} }: LockstepOptions = {},
): Promise<LockstepProcess> {
  const logFile = join(folder, 'lockstep.log');
  const log = openSync(logFile, 'w');
  const output = watch ? 'inherit' : log;
  const watching = watch ? ['--watch', '--watch-preserve-output'] : [];
  const child = spawnGuarded(
    folder,
    [process.execPath, ...watching, join(repository, 'apps/api/src/cli.ts'), 'serve', '--config', config],
    { cwd: folder, stdio: ['ignore', output, output], env: { ...process.env, ...env } },
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
    await Promise.race([answers(child, 'Lockstep', `http://127.0.0.1:${port}/api/health`), ended]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ended, stop };
}
