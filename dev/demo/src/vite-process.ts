import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, guard, spawnGuarded } from '@lockstep/servers';
import { answers } from './answers.ts';
import { repository } from './build-page.ts';

/**
 * Serves the page from its sources, which it follows as they change, with `service` (`http://…`) behind it. Resolves
 * when it answers; `ended` rejects when it ends by itself. What it has to say goes to this terminal.
 */
export async function startVite(
  port: number,
  service: string,
  cleanup: AsyncDisposableStack,
): Promise<{ ended: Promise<never> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-vite-'));
  const guardian = guard(folder);
  cleanup.defer(() => guardian.finish());
  const vite = join(repository, 'node_modules/vite/bin/vite.js');
  const child = spawnGuarded(
    folder,
    [
      process.execPath,
      vite,
      'dev',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--strictPort',
      '--logLevel',
      'warn',
    ],
    {
      cwd: join(repository, 'apps/web'),
      env: { ...process.env, LOCKSTEP_URL: service },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  let stopping = false;
  cleanup.defer(async () => {
    stopping = true;
    await endProcess(child, 'SIGTERM', 8000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => {
      if (!stopping) reject(new Error(`Vite ended with ${signal ?? code}`));
    });
  });
  await Promise.race([answers(child, 'Vite', `http://127.0.0.1:${port}/`), ended]);
  return { ended };
}
