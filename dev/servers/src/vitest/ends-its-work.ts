import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { patienceMs } from '../patience.ts';

const lookMs = 5;

/**
 * For `setupFiles`: a file's work ends with the file. The files of a worker share its event loop, so that what goes on
 * in every turn of it takes time from all that come behind, and never ends where one of those stops the clock.
 */
afterAll(async () => {
  // By number: what looks at a clock may look at one that a test has stopped.
  for (let looks = patienceMs / lookMs; looks > 0; looks--) {
    if (!process.getActiveResourcesInfo().includes('Immediate')) return;
    await pause(lookMs);
  }
  throw new Error('this file has begun what goes on in every turn of the event loop, and not ended it');
});
