import { setTimeout as pause } from 'node:timers/promises';
import type { Flavour, TestServer } from '@lockstep/servers';
import { type ShopServers, startShop } from './servers.ts';
import { startHeartbeat } from './shop/heartbeat.ts';
import { plantDifferences, planted } from './shop/planted-differences.ts';
import { startWorkload, type Workload } from './shop/workload.ts';
import { startTroubles } from './troubles.ts';
import type { Parts } from './until-stopped.ts';

type Say = (line: string) => void;

/** The shop's servers, filled; they go with `cleanup`, also when it comes before all of them run. */
export function startServers(flavour: Flavour, cleanup: AsyncDisposableStack): Promise<ShopServers> {
  const starting = startShop(flavour);
  cleanup.defer(() => starting.then((servers) => servers.remove()).catch(() => undefined));
  return starting;
}

/** Differences that replication does not know of, and a heartbeat: what Lockstep finds when it comes. */
export async function prepareShop(
  shop: ShopServers,
  say: Say,
  cleanup: AsyncDisposableStack,
): Promise<Workload> {
  say(`${serverList(shop)}, filled`);
  const { source, replicas } = shop;
  await plantDifferences(replicas['replica-b']);
  say(`replica-b: planted ${planted}`);
  const heartbeat = await startHeartbeat(source, [source, ...Object.values(replicas)]);
  cleanup.defer(() => heartbeat.stop());
  return heartbeat;
}

/** Customers, and now and then something that holds a replica back. What is returned is all of the shop. */
export async function openShop(
  { source, replicas }: ShopServers,
  heartbeat: Workload,
  say: Say,
  cleanup: AsyncDisposableStack,
): Promise<Parts> {
  const workload = await startWorkload(source);
  cleanup.defer(() => workload.stop());
  const abort = new AbortController();
  cleanup.defer(() => abort.abort());
  const troubles = startTroubles(replicas['replica-b'], 'replica-b', say, abort.signal);
  const servers = Object.entries({ shop: source, ...replicas });
  return [
    afterServers(workload.done, 'the workload ended'),
    afterServers(heartbeat.done, 'the heartbeat ended'),
    afterServers(troubles.done, 'the troubles ended'),
    ...servers.map(([name, server]) => serverEnded(name, server)),
  ];
}

function serverList({ source, replicas }: ShopServers): string {
  const servers = Object.entries({ shop: source, ...replicas }).map(
    ([name, { port }]) => `${name} on ${port}`,
  );
  return `${source.flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${source.version.join('.')}: ${servers.join(', ')}`;
}

/** What uses a server notices its end first, but cannot explain it as well. */
async function afterServers(part: Promise<void>, sentence: string): Promise<string> {
  const failure = await part.then(
    () => null,
    (error: unknown) => error,
  );
  await pause(500);
  if (failure instanceof Error) throw failure;
  return sentence;
}

async function serverEnded(name: string, server: TestServer): Promise<string> {
  await server.ended();
  return `the server ${name} ended; the end of its log:\n${await server.log(15)}`;
}
