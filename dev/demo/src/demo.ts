import { buildPage } from './build-page.ts';
import { startDrill } from './drill/start-drill.ts';
import { openShop, prepareShop, startServers } from './live-shop.ts';
import { startLockstep } from './lockstep-process.ts';
import type { Options } from './options.ts';
import { choosePort } from './port.ts';
import { chooseFlavour } from './servers.ts';
import type { Parts } from './until-stopped.ts';
import { writeConfig } from './write-config.ts';

/** Lockstep as a user runs it, over a shop that is written to. Resolves when all is running. */
export async function startDemo(
  options: Options,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
): Promise<Parts> {
  if (options.drill) return startDrill(options, say, cleanup);
  const flavour = await chooseFlavour(options.flavour, say);
  const port = await choosePort(options.port, 8080);
  say('Starting a source and two replicas; building the page …');
  const [shop] = await Promise.all([startServers(flavour, cleanup), buildPage()]);
  const heartbeat = await prepareShop(shop, say, cleanup);

  const { folder, config } = await writeConfig(shop, port, cleanup);
  const lockstep = await startLockstep(folder, config, port);
  cleanup.defer(() => lockstep.stop());

  const parts = await openShop(shop, heartbeat, say, cleanup);
  say(`Writing to the shop; Lockstep runs with ${config}`);
  say(`Open http://127.0.0.1:${port}/ (Ctrl-C ends everything)`);
  return [lockstep.ended, ...parts];
}
