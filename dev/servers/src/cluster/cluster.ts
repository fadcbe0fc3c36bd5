import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerBinaries } from '../binaries/binaries.ts';
import { patienceMs } from '../patience.ts';
import { createDataFolder } from '../process/data-folder.ts';
import { freePort } from '../process/free-port.ts';
import { guard } from '../process/guardian.ts';
import { TestServer } from '../process/test-server.ts';

export type ClusterKind = 'galera' | 'group-replication';

/** Servers that are one group. They end, and their data goes, with `remove()`, or with this process however it ends. */
export interface Cluster {
  members: [TestServer, TestServer, TestServer];
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Settings of a server that depend on it and on the others. */
export type MemberOptions = (index: number, ports: readonly number[]) => string[] | Promise<string[]>;

/**
 * Three stopped servers with equal data and equal accounts, as members have to have: made by the first, which then
 * knows nothing of any group, and copied.
 */
export async function equalServers(
  binaries: ServerBinaries,
  optionsOf: MemberOptions,
  env: Record<string, string> = {},
): Promise<Cluster> {
  const secret = () => randomBytes(12).toString('base64url');
  const accounts = {
    rootPassword: secret(),
    monitor: { user: 'lockstep', password: secret() },
    replication: { user: 'replica', password: secret() },
  };
  const made: TestServer[] = [];
  const remove = async () => {
    await Promise.all(made.map((server) => server.remove()));
  };
  const make = async (index: number, port: number, options: string[]) => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-'));
    const guardian = guard(folder);
    const server = new TestServer({
      binaries,
      folder,
      guardian,
      port,
      serverId: index + 1,
      options,
      env,
      accounts,
    });
    made.push(server);
    return server;
  };
  try {
    const ports = [await freePort(), await freePort(), await freePort()];
    const members = [];
    for (const [index, port] of ports.entries()) {
      members.push(await make(index, port, await optionsOf(index, ports)));
    }
    const [first, ...others] = members as [TestServer, TestServer, TestServer];
    await createDataFolder(binaries, first.dataDir);
    await first.start({ alone: true });
    await first.stop();
    for (const other of others) {
      await cp(first.dataDir, other.dataDir, { recursive: true });
      // The identity: every copy makes its own.
      await rm(join(other.dataDir, 'auto.cnf'), { force: true });
      other.hasAccounts();
    }
    return { members: [first, ...others] as Cluster['members'], remove, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Resolves when `condition` holds; rejects with `what` when it does not in time. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await pause(50);
  }
}
