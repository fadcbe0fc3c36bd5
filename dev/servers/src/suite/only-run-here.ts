import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../file-lock.ts';
import { repository } from './command.ts';

/**
 * Resolves when no other whole run goes on in this checkout, and keeps the next one waiting until this process ends:
 * what is built and generated here is what they test. Runs in other checkouts do not wait.
 */
export async function onlyRunHere(say: (line: string) => void): Promise<void> {
  const folder = join(repository, 'node_modules', '.cache');
  await mkdir(folder, { recursive: true });
  const waiting = setTimeout(() => say('Waiting for another run in this checkout'), 2000);
  await new Promise<void>((resolve, reject) => {
    const untilTheEnd = () => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    withFileLock(join(folder, 'lockstep-tests.lock'), untilTheEnd).catch(reject);
  });
  clearTimeout(waiting);
}
