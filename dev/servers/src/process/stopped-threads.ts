import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { patienceMs } from '../patience.ts';

/**
 * Resolves when a process that was sent SIGSTOP has stopped. The signal reaches one thread, and the others stop when
 * they next leave the kernel: until then they go on answering. Where there is no /proc to see it, resolves at once.
 */
export async function everyThreadStopped(pid: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const states = await threadStates(pid);
    if (states.every((state) => state === 'T')) return;
    if (Date.now() > deadline) {
      throw new Error(
        `Process ${pid} did not stop in ${patienceMs / 1000} s: its threads are ${states.join('')}.`,
      );
    }
    await pause(5);
  }
}

/** The letters of proc(5), one per thread; of a thread that has ended meanwhile, none. */
async function threadStates(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lines = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => null)),
  );
  // The name before it may hold blanks and parentheses.
  return lines.flatMap((line) => line?.slice(line.lastIndexOf(')') + 2)[0] ?? []);
}
