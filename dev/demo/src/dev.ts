import { freePort } from '@lockstep/servers';
import { openShop, prepareShop, startServers } from './live-shop.ts';
import { startLockstep } from './lockstep-process.ts';
import type { Options } from './options.ts';
import { choosePort } from './port.ts';
import { chooseFlavour } from './servers.ts';
import type { Parts } from './until-stopped.ts';
import { startVite } from './vite-process.ts';
import { writeConfig } from './write-config.ts';

/** Lockstep as it is being written, over the demo's shop. Resolves when all is running. */
export async function startDev(
  options: Options,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
): Promise<Parts> {
  const flavour = await chooseFlavour(options.flavour, say);
  const port = await choosePort(options.port, 5173);
  const apiPort = await freePort();
  say('Starting a source and two replicas …');
  const shop = await startServers(flavour, cleanup);
  const heartbeat = await prepareShop(shop, say, cleanup);

  const { folder, config } = await writeConfig(shop, apiPort, cleanup);
  const lockstep = await startLockstep(folder, config, apiPort, { watch: true });
  cleanup.defer(() => lockstep.stop());
  say(`The API is on port ${apiPort} and starts again when apps/api or packages/checks change`);

  const page = await startVite(port, `http://127.0.0.1:${apiPort}`, cleanup);
  const parts = await openShop(shop, heartbeat, say, cleanup);
  say(`Open http://127.0.0.1:${port}/ (Ctrl-C ends everything)`);
  return [lockstep.ended, page.ended, ...parts];
}
