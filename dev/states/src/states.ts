import { resolve } from 'node:path';
import { buildPage } from '@lockstep/demo/src/build-page.ts';
import { choosePort, servedAt } from '@lockstep/demo/src/port.ts';
import type { Parts } from '@lockstep/demo/src/until-stopped.ts';
import { startVite } from '@lockstep/demo/src/vite-process.ts';
import { serveContents, type ServedScene } from './contents-page.ts';
import type { Options } from './options.ts';
import { scenes } from './scenes/index.ts';
import { takeScreenshots } from './screenshots.ts';
import { serveScene } from './serve-scene.ts';

/** The contents are here, the scenes behind it, each at the same port every time unless that is taken. */
const firstPort = 7100;

/** Serves the scenes, or one of them while the page is edited, or takes pictures of them and calls `finish`. */
export async function startStates(
  { names, screenshots, edit }: Options,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
  finish: () => void,
): Promise<Parts> {
  if (!edit) {
    say('Building the page …');
    await buildPage();
  }
  const served: ServedScene[] = [];
  for (const [i, [name, scene]] of Object.entries(scenes).entries()) {
    if (!names.includes(name)) continue;
    const address = await servedAt(firstPort + 1 + i, (port) => serveScene(scene, port, cleanup));
    served.push({ name, scene, address });
  }

  const [only] = served;
  if (edit && only) {
    const port = await choosePort(null, firstPort);
    const { ended } = await startVite(port, only.address.replace(/\/$/, ''), cleanup);
    say(`Open http://127.0.0.1:${port}/: the page follows its sources (Ctrl-C ends everything)`);
    return [ended];
  }

  if (screenshots !== null) {
    const folder = resolve(process.env['INIT_CWD'] ?? '.', screenshots);
    await takeScreenshots(served, folder, say, cleanup);
    say(`The screenshots are in ${folder}`);
    finish();
    return [];
  }
  const width = Math.max(...names.map((name) => name.length));
  for (const { name, address, scene } of served) say(`${name.padEnd(width)}  ${address}  ${scene.shows}`);
  const contents = await servedAt(firstPort, (port) => serveContents(served, port, cleanup));
  say(`Open ${contents} (Ctrl-C ends everything)`);
  return [];
}
