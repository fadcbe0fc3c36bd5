import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@lockstep/servers';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds the page; turbo does nothing when it was built from the same sources before. */
export async function buildPage(): Promise<void> {
  const turbo = join(repository, 'node_modules/.bin/turbo');
  await run(turbo, ['run', 'build', '--filter=@lockstep/web', '--output-logs=errors-only', '--ui=stream'], {
    cwd: repository,
    env: { TURBO_TELEMETRY_DISABLED: '1' },
  });
}
