import { setTimeout as pause } from 'node:timers/promises';
import { caughtUp } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { plainFigure, printFigures } from '../report/figure.ts';
import { seconds } from '../report/units.ts';
import { startFleet } from './fleet-process.ts';
import type { Fleet } from './fleet-servers.ts';

/** How soon every pair's lag is known again, after Lockstep or the source was killed and started again. */
export async function recovery(fleet: Fleet, say: Say): Promise<void> {
  const { source, targets, config, pairs } = fleet;
  const all = ({ known }: { known: number }) => known === pairs;
  let engine = startFleet(config);
  try {
    await engine.until(all, 60_000);
    say('Killing Lockstep …');
    await engine.kill();
    const began = performance.now();
    engine = startFleet(config);
    await engine.until(all, 60_000);
    const restarted = performance.now() - began;

    say('Killing the source …');
    await source.kill9();
    const noticed = await engine.until(({ known }) => known === 0, 60_000);
    await pause(1000);
    await source.start();
    const back = await engine.until(all, 180_000);
    for (const target of targets) await caughtUp(source, target, 60);

    printFigures(`Recovery: ${pairs} pairs`, [
      plainFigure('Lockstep killed and started: until all are known', seconds(restarted)),
      plainFigure('source killed: until all are said to be unknown', seconds(noticed)),
      plainFigure('source accepts logins again: until all are known', seconds(back)),
    ]);
  } finally {
    await engine.kill();
  }
}
