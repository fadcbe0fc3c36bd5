// `npm run bench:page`: what the page costs the browser where there is much to show, how soon a page of
// the history is there, what its first view transfers, and what Lighthouse says of every screen.
import { buildPage } from '@lockstep/demo/src/build-page.ts';
import { scenes } from '@lockstep/states/src/scenes/index.ts';
import { serveScene } from '@lockstep/states/src/serve-scene.ts';
import { benchmark } from './benchmark.ts';
import { readOptions } from './options.ts';
import { measureAlertHistory } from './page/alert-history.ts';
import { startBrowser } from './page/browser.ts';
import { measureFirstView } from './page/first-view.ts';
import { lighthouseScreens, measureByLighthouse } from './page/lighthouse/measure.ts';
import { measureScreen } from './page/screen.ts';
import { printFigures } from './report/figure.ts';

const parts = ['overview', 'tables', 'alerts', 'topology', 'history', 'first-view', 'lighthouse'] as const;
const usage = `npm run bench:page [-- --seconds N] [--rounds N] [--only ${parts.join()}] [--views desktop,phone] [--runs N] [--screens ${lighthouseScreens.join()}]`;

const screens = {
  overview: { scene: 'many-pairs', path: '', title: 'Overview of 300 pairs' },
  tables: { scene: 'at-scale', path: 'pairs/archive', title: '20,000 tables of a pair' },
  alerts: { scene: 'at-scale', path: 'alerts', title: '10,000 alerts' },
  topology: { scene: 'many-pairs', path: 'topology', title: 'Topology of 300 pairs' },
} as const;

await benchmark(usage, 60, async (say, cleanup) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { seconds: 10, rounds: 3, runs: 5 },
    lists: { only: parts, views: ['desktop', 'phone'], screens: lighthouseScreens },
    flags: [],
  });
  await buildPage();
  const browser = await startBrowser(cleanup);
  say(`in Chromium ${browser.version()}, headless; the service runs beside it, on the same machine`);
  for (const name of ['overview', 'tables', 'alerts', 'topology'] as const) {
    if (!options.only.includes(name)) continue;
    const { scene, path, title } = screens[name];
    await using served = new AsyncDisposableStack();
    const address = await serveScene(scenes[scene]!, 0, served);
    for (const view of ['desktop', 'phone'] as const) {
      if (!options.views.includes(view)) continue;
      const { seconds, rounds } = options;
      const figures = await measureScreen({ browser, address: address + path, view, seconds, rounds });
      printFigures(`${title}, ${view}`, figures);
    }
  }
  if (options.only.includes('history')) {
    printFigures('A page of the history out of 100,000 alerts', await measureAlertHistory(100_000));
  }
  if (options.only.includes('first-view')) {
    await using served = new AsyncDisposableStack();
    const address = await serveScene(scenes['all-is-well']!, 0, served);
    printFigures('The first view, the overview, without a cache', await measureFirstView(browser, address));
  }
  if (options.only.includes('lighthouse')) await measureByLighthouse(options.screens, options.runs, say);
});
