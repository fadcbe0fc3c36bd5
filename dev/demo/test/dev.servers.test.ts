import { once } from 'node:events';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { isAlive, leftIn, type Running, startProgram } from './running.ts';

const repository = join(import.meta.dirname, '../../..');

describe.runIf(flavours.length > 0)('npm run dev', () => {
  test('the page comes from its sources, the API starts again when its own change, and Ctrl-C ends everything', async () => {
    const dev = await startProgram('main-dev.ts');
    expect(dev.pids).toHaveLength(5);
    const page = await fetch(dev.address);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const vite = await fetch(`${dev.address}@vite/client`);
    expect(vite.headers.get('content-type')).toMatch(/javascript/);

    for (const source of ['apps/api/src/main.ts', 'packages/checks/src/index.ts']) {
      const before = await startedAt(dev);
      await touch(join(repository, source));
      await expect.poll(() => startedAt(dev).catch(() => before), { message: source }).not.toBe(before);
    }

    const ended = once(dev.child, 'exit');
    dev.child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(await leftIn(dev.folder)).toEqual([]);
    expect(dev.pids.filter(isAlive)).toEqual([]);
    expect(await apiOf(dev)).toBeNull();
  });

  test('killed with -9, it leaves neither processes nor data', async () => {
    const dev = await startProgram('main-dev.ts');
    dev.child.kill('SIGKILL');
    await expect.poll(() => dev.pids.filter(isAlive)).toEqual([]);
    await expect.poll(() => leftIn(dev.folder)).toEqual([]);
    await expect.poll(() => apiOf(dev)).toBeNull();
  });
});

/** Asked through the page's address, as the page does. */
async function startedAt({ address }: Running): Promise<string> {
  const response = await fetch(`${address}graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ health { startedAt } }' }),
  });
  const { data } = (await response.json()) as { data: { health: { startedAt: string } } };
  return data.health.startedAt;
}

/** The service itself is a child of what watches its sources: null when nobody answers at its port any more. */
async function apiOf({ output }: Running): Promise<number | null> {
  const port = /The API is on port (\d+)/.exec(output())?.[1];
  const response = await fetch(`http://127.0.0.1:${port}/api/health/live`).catch(() => null);
  return response?.status ?? null;
}

/** Tells whoever watches a file that it was written, and leaves it exactly as it is. */
async function touch(file: string): Promise<void> {
  const { atime, mtime } = await stat(file);
  await utimes(file, atime, mtime);
}
