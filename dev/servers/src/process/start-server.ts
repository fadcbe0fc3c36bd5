import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FindOptions, findOrInstall } from '../binaries/find-or-install.ts';
import type { Flavour } from '../flavour.ts';
import { cannotServe, shortage } from '../suite/cannot-serve.ts';
import { createDataFolder } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { guard } from './guardian.ts';
import { PortTaken, TestServer } from './test-server.ts';

export interface StartOptions extends FindOptions {
  flavour: Flavour;
  /** Unique by itself when left out. */
  serverId?: number;
  /** Further options of the server, e.g. `--read-only=ON`; they win over the usual ones. */
  options?: string[];
  /** Beside this process's own environment, e.g. a `steppedClock`'s. */
  env?: Record<string, string>;
}

/**
 * Starts a server of its own on a free port of 127.0.0.1, empty but for its accounts, its binary log on and clean.
 * It ends, and its data goes, with `remove()`, or with this process however that ends.
 */
export async function startServer(options: StartOptions): Promise<TestServer> {
  const binaries = await findOrInstall(options.flavour, options);
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-'));
  const guardian = guard(folder);
  try {
    await createDataFolder(binaries, join(folder, 'data'), options.options);
    for (let attempt = 1; ; attempt++) {
      const server = new TestServer({
        binaries,
        folder,
        guardian,
        port: await freePort(),
        serverId: options.serverId ?? randomInt(1, 2 ** 31),
        options: options.options ?? [],
        env: options.env ?? {},
        accounts: {
          rootPassword: secret(),
          monitor: { user: 'lockstep', password: secret() },
          replication: { user: 'replica', password: secret() },
        },
      });
      try {
        await server.start();
        return server;
      } catch (error) {
        // Somebody else took the port since it was looked for.
        if (!(error instanceof PortTaken) || attempt === 3) throw error;
      }
    }
  } catch (error) {
    await guardian.finish();
    throw told(error);
  }
}

/** In one line, when it is the machine that fails. */
function told(error: unknown): unknown {
  const short = error instanceof Error ? shortage(error.message) : null;
  return short === null ? error : new Error(cannotServe(`${short} for a server.`), { cause: error });
}

function secret(): string {
  return randomBytes(12).toString('base64url');
}
