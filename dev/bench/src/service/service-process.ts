import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endProcess, lastLines, spawnGuarded } from '@lockstep/servers';
import { repository } from '../../../demo/src/build-page.ts';

export interface ServiceProcess {
  pid: number;
  /** From the start of the process until `/api/health` answered that it works. */
  startMs: number;
  stop(): Promise<void>;
}

const patienceMs = 30_000;

/** `lockstep serve`, the way a user starts it, in a folder with a guardian; `node`: options of Node besides. */
export async function startService(
  folder: string,
  config: string,
  port: number,
  { node = [], env = {} }: { node?: string[]; env?: Record<string, string> } = {},
): Promise<ServiceProcess> {
  const logFile = join(folder, 'lockstep.log');
  const log = openSync(logFile, 'w');
  const began = performance.now();
  const child = spawnGuarded(
    folder,
    [process.execPath, ...node, join(repository, 'apps/api/src/cli.ts'), 'serve', '--config', config],
    { cwd: folder, stdio: ['ignore', log, log], env: { ...process.env, ...env } },
  );
  closeSync(log);
  const stop = () => endProcess(child, 'SIGTERM', 8000);
  while (!(await healthy(port))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() - began > patienceMs) {
      await stop();
      throw new Error(`Lockstep does not work:\n${lastLines(await readFile(logFile, 'utf8'))}`);
    }
    await pause(5);
  }
  return { pid: child.pid as number, startMs: performance.now() - began, stop };
}

async function healthy(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
  await response?.arrayBuffer();
  return response?.ok === true;
}
