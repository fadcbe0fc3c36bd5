import type { ServerHandle } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { onTestFinished, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import type { Server } from '../../src/server/server.ts';
import { connection, serverConfig } from './config.ts';

/** Lockstep's own connections to some test servers, closed when the test ends. */
export async function connect(handles: Record<string, ServerHandle>): Promise<Record<string, Server>> {
  const manager = new ConnectionManager({
    servers: Object.entries(handles).map(([name, handle]) => serverConfig(name, handle)),
    connection,
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  manager.start();
  const servers = Object.fromEntries(Object.keys(handles).map((name) => [name, manager.get(name)]));
  await vi.waitFor(() => {
    for (const server of Object.values(servers)) {
      if (!server.facts) throw new Error(`${server.name} is not connected`);
    }
  }, patient);
  return servers;
}
