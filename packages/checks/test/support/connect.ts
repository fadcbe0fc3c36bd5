import type { ServerHandle } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { onTestFinished, vi } from 'vitest';
import type { ConnectionConfig, ServerConfig } from '../../src/config.ts';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import type { Server } from '../../src/server/server.ts';
import { connection, serverConfig } from './config.ts';

function manage(servers: ServerConfig[], changes: Partial<ConnectionConfig> = {}): ConnectionManager {
  const manager = new ConnectionManager({
    servers,
    connection: { ...connection, ...changes },
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  manager.start();
  return manager;
}

/** One server, which is being connected to, until the test ends. */
export function reach(config: ServerConfig, changes?: Partial<ConnectionConfig>): Server {
  return manage([config], changes).get(config.name);
}

/** Lockstep's own connections to some test servers, closed when the test ends. */
export async function connect(handles: Record<string, ServerHandle>): Promise<Record<string, Server>> {
  const manager = manage(Object.entries(handles).map(([name, handle]) => serverConfig(name, handle)));
  const servers = Object.fromEntries(Object.keys(handles).map((name) => [name, manager.get(name)]));
  await vi.waitFor(() => {
    for (const server of Object.values(servers)) {
      if (!server.facts) throw new Error(`${server.name} is not connected`);
    }
  }, patient);
  return servers;
}
