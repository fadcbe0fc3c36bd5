import { join } from 'node:path';
import { buildOnce, cacheFolder, run } from '@lockstep/servers';
import { oldestNode } from '../src/bundle.ts';

/** The oldest Node that the package promises to run on, fetched once. */
export async function fetchOldestNode(): Promise<string> {
  const name = `node-linux-${process.arch}`;
  const folder = await buildOnce(join(cacheFolder(), 'nodes', `${name}-${oldestNode}`), async (into) => {
    await run('npm', ['install', '--silent', '--no-audit', '--prefix', into, `${name}@${oldestNode}.0`]);
  });
  return join(folder, 'node_modules', name, 'bin/node');
}
