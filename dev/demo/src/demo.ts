import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { guard, type TestServer } from '@lockstep/servers';
import { buildPage } from './build-page.ts';
import { lockstepConfig } from './lockstep-config.ts';
import { startLockstep } from './lockstep-process.ts';
import type { Options } from './options.ts';
import { choosePort } from './port.ts';
import { chooseFlavour, type ShopServers, startShop } from './servers.ts';
import { startHeartbeat } from './shop/heartbeat.ts';
import { plantDifferences, planted } from './shop/planted-differences.ts';
import { startWorkload } from './shop/workload.ts';
import { startTroubles } from './troubles.ts';

/**
 * Runs until `stop` resolves, then ends everything in order. Rejects when a part of it ends by itself, having ended
 * the others; the message says which, with its last words.
 */
export async function demo(
  options: Options,
  say: (line: string) => void,
  stop: Promise<void>,
): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const stopped = stop.then(() => 'stopped' as const);

  const started = await Promise.race([start(options, say, cleanup), stopped]);
  if (started === 'stopped') return;

  const ended = await Promise.race([...started.parts, stopped]);
  if (ended !== 'stopped') throw new Error(ended);
  say('Ending everything …');
}

/** Resolves when all is running; `parts` reject, or resolve with a sentence, when one of them ends by itself. */
async function start(
  options: Options,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
): Promise<{ parts: Promise<string>[] }> {
  const flavour = await chooseFlavour(options.flavour, say);
  const port = await choosePort(options.port);
  say('Starting a source and two replicas; building the page …');
  const starting = startShop(flavour);
  // Also when the page cannot be built, or a stop comes, before all servers run.
  cleanup.defer(() => starting.then((servers) => servers.remove()).catch(() => undefined));
  const [shop] = await Promise.all([starting, buildPage()]);
  say(`${serverList(shop)}, filled`);

  const { source, replicas } = shop;
  await plantDifferences(replicas['replica-b']);
  say(`replica-b: planted ${planted}`);

  const heartbeat = await startHeartbeat(source, [source, ...Object.values(replicas)]);
  cleanup.defer(() => heartbeat.stop());

  const folder = await mkdtemp(join(tmpdir(), 'lockstep-demo-'));
  const guardian = guard(folder);
  cleanup.defer(() => guardian.finish());
  const config = join(folder, 'lockstep.yaml');
  const storage = join(folder, 'lockstep.db');
  await writeFile(config, lockstepConfig({ source, replicas, http: { port }, storage }), { mode: 0o600 });
  const lockstep = await startLockstep(folder, config, port);
  cleanup.defer(() => lockstep.stop());

  const workload = await startWorkload(source);
  cleanup.defer(() => workload.stop());
  const abort = new AbortController();
  cleanup.defer(() => abort.abort());
  const troubles = startTroubles(replicas['replica-b'], 'replica-b', say, abort.signal);
  say(`Writing to the shop; Lockstep runs with ${config}`);
  say(`Open http://127.0.0.1:${port}/ (Ctrl-C ends everything)`);

  const servers = Object.entries({ shop: source, ...replicas });
  return {
    parts: [
      lockstep.ended,
      afterServers(workload.done, 'the workload ended'),
      afterServers(heartbeat.done, 'the heartbeat ended'),
      afterServers(troubles.done, 'the troubles ended'),
      ...servers.map(([name, server]) => serverEnded(name, server)),
    ],
  };
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
