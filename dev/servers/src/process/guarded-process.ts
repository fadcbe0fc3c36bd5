import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { join } from 'node:path';
import { patienceMs } from '../patience.ts';

/**
 * Runs a program that must not outlive this one: it leaves its process number in `folder`, where the folder's guardian
 * finds it. It is in a session of its own, so that Ctrl-C in the terminal leaves its end to us; and it does not keep
 * this process alive.
 */
export function spawnGuarded(
  folder: string,
  command: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'>,
): ChildProcess {
  // The shell writes the number before it becomes the program, so there is no moment without one.
  const script = 'echo $$ > "$0" && exec "$@"';
  const child = spawn('/bin/sh', ['-c', script, join(folder, 'pid'), ...command], {
    ...options,
    detached: true,
  });
  child.unref();
  return child;
}

/** Resolves when it has ended; kills it when it takes longer than `limitMs` after the signal. */
export async function endProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL',
  limitMs = patienceMs,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const patience = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await gone;
  clearTimeout(patience);
}
