import { scenes } from '@lockstep/states/src/scenes/index.ts';
import { serveScene } from '@lockstep/states/src/serve-scene.ts';
import type { Say } from '../../benchmark.ts';
import { countMissed, printFigures } from '../../report/figure.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { different, startBusyPairs } from '../busy-pairs.ts';
import { complaints, judged } from './judge.ts';
import { fetchLighthouse, type Look, type Looked } from './program.ts';

/** Below the page's address. */
const paths = {
  overview: '',
  pair: 'pairs/replica-a',
  difference: `pairs/${different}/tables/shop/orders`,
  runs: `pairs/${different}?tab=runs`,
  events: `pairs/${different}?tab=events`,
  replication: `pairs/${different}?tab=replication`,
  alerts: 'alerts',
  topology: 'topology',
  settings: 'settings',
  audit: 'audit',
} as const;
export const lighthouseScreens = [...(Object.keys(paths) as (keyof typeof paths)[]), 'sign-in'] as const;

/** Lighthouse's view of each screen of four busy pairs, as a phone meets it; each is opened `runs` times. */
export async function measureByLighthouse(screens: readonly string[], runs: number, say: Say): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  let look: Look;
  try {
    say('Fetching Lighthouse …');
    look = await fetchLighthouse(await temporaryFolder(cleanup));
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}: no screen is judged by it`);
    countMissed();
    return;
  }
  const isSignIn = (screen: string): screen is 'sign-in' => screen === 'sign-in';
  const inside = screens.some((screen) => !isSignIn(screen)) ? await startBusyPairs(say, cleanup) : '';
  const outside = screens.some(isSignIn) ? await serveScene(scenes['sign-in']!, 0, cleanup) : '';
  for (const screen of lighthouseScreens) {
    if (!screens.includes(screen)) continue;
    const address = isSignIn(screen) ? outside : inside + paths[screen];
    const looks: Looked[] = [];
    while (looks.length < runs) looks.push(await look(address));
    printFigures(`Lighthouse, a phone, four busy pairs: ${screen}`, judged(looks));
    const reports = looks.map(({ asEverywhere }) => asEverywhere);
    for (const complaint of complaints(reports)) console.log(`    ${complaint}`);
  }
}
