import { join } from 'node:path';
import { run } from '@lockstep/servers';
import { assemble } from './assemble.ts';

/** Resolves with the path of the tarball, which lies in `folder`. The page has to be built before. */
export async function makePackage(folder: string): Promise<string> {
  const content = join(folder, 'package');
  await assemble(content);
  const name = await run('npm', ['pack', '--silent', '--pack-destination', folder, content]);
  return join(folder, name.trim());
}
