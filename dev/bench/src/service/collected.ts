// Loaded before the service: asked by SIGUSR2 it collects what is garbage, and writes to a file what is in use then.
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is in use right after a collection. */
export interface Collected {
  /** Of how manieth asking. */
  times: number;
  usedBytes: number;
}

/** The environment variable that names the file. */
export const collectedFile = 'LOCKSTEP_BENCH_COLLECTED';

const file = process.env[collectedFile];
if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how: object) => void;
  let times = 0;
  process.on('SIGUSR2', () => {
    // Again and again until no more is freed, as before it gives up for want of memory.
    collect({ type: 'major', flavor: 'last-resort' });
    const { heapUsed, external } = process.memoryUsage();
    const now: Collected = { times: ++times, usedBytes: heapUsed + external };
    writeFileSync(file, JSON.stringify(now));
  });
}
