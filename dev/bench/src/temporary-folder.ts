import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '@lockstep/servers';

/** A folder that goes with `cleanup`, or with this process however that ends. */
export async function temporaryFolder(cleanup: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const guardian = guard(folder);
  cleanup.defer(() => guardian.finish());
  return folder;
}
