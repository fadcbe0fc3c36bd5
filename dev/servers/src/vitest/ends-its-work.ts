import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { patienceMs } from '../patience.ts';

const lookMs = 20;

/**
 * For `setupFiles`: a file's work ends with the file. The files of a worker share its event loop, so that what goes on
 * in every turn of it takes time from all that come behind, and never ends where one of those stops the clock.
 */
afterAll(async () => {
  // By number: a clock may be one that a test has stopped. Each look takes longer where there is much to do.
  for (let looks = patienceMs / 100; looks > 0; looks--) {
    if (!process.getActiveResourcesInfo().includes('Immediate')) return;
    await pause(lookMs);
  }
  throw new Error('this file has begun what goes on in every turn of the event loop, and not ended it');
});
