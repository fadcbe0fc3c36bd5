import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromiumToLaunch } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { type Browser, chromium } from 'playwright-core';
import { vi } from 'vitest';

/** `npm run states` in a process of its own. Resolves with the address of each scene, by name. */
export async function serveScenes(cleanup: AsyncDisposableStack): Promise<Map<string, string>> {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanup.defer(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return vi.waitFor(() => {
    if (!output.includes('Open http')) throw new Error(`it said so far:\n${output}`);
    return new Map(
      [...output.matchAll(/\] (\S+) {2,}(http:\S+)/g)].map(([, name = '', url = '']) => [name, url]),
    );
  }, patient);
}

export async function launchBrowser(cleanup: AsyncDisposableStack): Promise<Browser> {
  const browser = await chromium.launch(chromiumToLaunch());
  cleanup.defer(() => browser.close());
  return browser;
}
