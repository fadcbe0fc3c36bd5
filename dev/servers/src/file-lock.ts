import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs `work` while holding the lock on `file`, waiting for whoever has it. The lock is the kernel's, held by a small
 * `flock` child that ends with this process however it ends, so no stale lock can stay. Where there is no `flock`
 * program the work runs unlocked: the callers rename their result into place, so the worst is work done twice.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, '-c', 'echo locked; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const gone = once(holder, 'exit').catch(() => undefined);
  try {
    await Promise.race([once(holder.stdout, 'data'), gone]);
    return await work();
  } finally {
    holder.stdin.end();
    await gone;
  }
}
