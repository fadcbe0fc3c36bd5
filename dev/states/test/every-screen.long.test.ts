import { buildPage } from '@lockstep/demo/src/build-page.ts';
import { findChromium } from '@lockstep/servers';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scenes } from '../src/scenes/index.ts';
import { examined } from './support/examine.ts';
import { launchBrowser, serveScenes } from './support/serve-scenes.ts';

/** Every state of `npm run states`, in every window. */
describe.runIf(findChromium())('each screen', () => {
  const cleanup = new AsyncDisposableStack();
  let addresses: Map<string, string>;
  let browser: Browser;

  beforeAll(async () => {
    await buildPage();
    addresses = await serveScenes(cleanup);
    browser = await launchBrowser(cleanup);
  });
  afterAll(() => cleanup.disposeAsync());

  const screens = Object.entries(scenes).flatMap(([scene, of]) =>
    Object.entries(of.screens).map(([screen, what]) => [scene, screen, what] as const),
  );
  test.each(screens)('fits, reads and is used in every window: %s %s', async (scene, _, what) => {
    const address = addresses.get(scene) ?? '';
    const byKeys = await examined(browser, address, what, { width: 1440, hasTouch: false });
    const byTouch = await examined(browser, address, what, { width: 390, hasTouch: true });
    expect([...byKeys, ...byTouch]).toEqual([]);
  });
});
