import { setTimeout as pause } from 'node:timers/promises';
import {
  caughtUp,
  createMonitorUser,
  findOrInstall,
  freePort,
  replicate,
  type ServerHandle,
  startServer,
} from '@lockstep/servers';
import { fillShop } from '../../../demo/src/shop/fill.ts';
import { plantDifferences } from '../../../demo/src/shop/planted-differences.ts';
import { startWorkload } from '../../../demo/src/shop/workload.ts';
import type { Say } from '../benchmark.ts';
import { writeConfig } from '../service/config-file.ts';
import { startService } from '../service/service-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const replicas = ['replica-a', 'replica-b', 'replica-c', 'replica-d'] as const;
/** The one with planted differences. */
export const different = 'replica-d';

const patienceMs = 120_000;

/**
 * Lockstep over a MariaDB source that is written to and its four replicas, of which one differs; everything was
 * compared once. Resolves with the page's address, which ends with a slash.
 */
export async function startBusyPairs(say: Say, cleanup: AsyncDisposableStack): Promise<string> {
  say('Starting a MariaDB source and four replicas …');
  await findOrInstall('mariadb', { onProgress: say });
  const server = async (serverId: number) => {
    const started = await startServer({ flavour: 'mariadb', serverId });
    cleanup.defer(() => started.remove());
    return started;
  };
  const source = await server(1);
  const targets = await Promise.all(replicas.map((_, i) => server(i + 2)));
  await Promise.all([...targets.map((target) => replicate(target, source)), fillShop(source)]);
  await Promise.all(targets.map((target) => caughtUp(source, target)));
  await Promise.all([source, ...targets].map((each) => createMonitorUser(each, ['shop'])));
  await plantDifferences(targets[replicas.indexOf(different)]!);

  const folder = await temporaryFolder(cleanup);
  const port = await freePort();
  const watched: [string, { handle: ServerHandle }][] = replicas.map((name, i) => [
    name,
    { handle: targets[i]! },
  ]);
  const config = await writeConfig(folder, {
    servers: { shop: { handle: source }, ...Object.fromEntries(watched) },
    pairs: replicas.map((name) => ({ name, source: 'shop', target: name })),
    tables: ['shop.*'],
    defaults: { checks: { checksum: { every: '30s' } } },
    but: { http: { port }, alerts: { for: '1s' } },
  });
  const service = await startService(folder, config, port);
  cleanup.defer(() => service.stop());
  const workload = await startWorkload(source);
  cleanup.defer(() => workload.stop());
  const address = `http://127.0.0.1:${port}/`;
  await allCompared(address);
  return address;
}

async function allCompared(address: string): Promise<void> {
  for (const began = performance.now(); ;) {
    const { data } = await ask<{ pairs: { tableCounts: { total: number; pending: number } }[] }>(
      address,
      '{ pairs { tableCounts { total pending } } }',
    );
    if (data?.pairs.every(({ tableCounts: { total, pending } }) => total > 0 && pending === 0)) {
      return;
    }
    if (performance.now() - began > patienceMs) throw new Error('the four pairs are not compared in time');
    await pause(250);
  }
}

async function ask<Data>(address: string, query: string): Promise<{ data?: Data }> {
  const response = await fetch(`${address}graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data?: Data };
}
