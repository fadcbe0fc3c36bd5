import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '@lockstep/servers';
import { lockstepConfig } from './lockstep-config.ts';
import type { ShopServers } from './servers.ts';

/** A guarded folder for Lockstep with the configuration in it; the database file will lie beside it. */
export async function writeConfig(
  { source, replicas }: ShopServers,
  port: number,
  cleanup: AsyncDisposableStack,
): Promise<{ folder: string; config: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-demo-'));
  const guardian = guard(folder);
  cleanup.defer(() => guardian.finish());
  const config = join(folder, 'lockstep.yaml');
  const storage = join(folder, 'lockstep.db');
  await writeFile(config, lockstepConfig({ source, replicas, http: { port }, storage }), { mode: 0o600 });
  return { folder, config };
}
