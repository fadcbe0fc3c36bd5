import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Scene } from './scene.ts';

export interface ServedScene {
  name: string;
  address: string;
  scene: Scene;
}

/** One address to remember: a page that leads to every scene and screen. */
export async function serveContents(
  served: ServedScene[],
  port: number,
  cleanup: AsyncDisposableStack,
): Promise<string> {
  const html = contents(served);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${port}/`;
}

function contents(served: ServedScene[]): string {
  const style =
    ':root { color-scheme: light dark } body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 48rem; padding: 0 1rem }';
  const sections = served.map(({ name, address, scene }) => {
    const screens = Object.entries(scene.screens).map(
      ([screen, { path }]) => `<a href="${escaped(new URL(path, address).href)}">${escaped(screen)}</a>`,
    );
    return `<h2><a href="${address}">${escaped(name)}</a></h2><p>${escaped(scene.shows)}</p><p>${screens.join(' · ')}</p>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>States of the page</title><style>${style}</style><h1>States of the page</h1>${sections.join('')}</html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
