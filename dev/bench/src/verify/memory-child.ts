// Verifies tables in a process of its own and tells how its memory grew.
import { readFile, writeFile } from 'node:fs/promises';
import { readEngineConfig } from '../engine-config.ts';
import { lockstepRun } from './lockstep-run.ts';

export interface MemoryTask {
  config: string;
  /** Verified before anything is measured, so that the program itself does not count. */
  first: string;
  tables: string[];
}

export interface MemoryGrowth {
  beforeBytes: number;
  /** The largest that it ever was, as the kernel knows it. */
  peakBytes: number;
  verdicts: string[];
  differences: number;
}

process.once('message', (task: MemoryTask) => {
  void measure(task).then((growth) => process.send?.(growth, () => process.disconnect()));
});

async function measure({ config, first, tables }: MemoryTask): Promise<MemoryGrowth> {
  const engine = readEngineConfig(config);
  await lockstepRun(engine, [first]);
  // Makes the kernel forget the largest size up to now.
  await writeFile('/proc/self/clear_refs', '5');
  const beforeBytes = await kilobytes('VmRSS');
  const { results } = await lockstepRun(engine, tables);
  return {
    beforeBytes,
    peakBytes: await kilobytes('VmHWM'),
    verdicts: results.map(({ verdict }) => verdict),
    differences: results.reduce((sum, { differences }) => sum + differences.changed, 0),
  };
}

async function kilobytes(field: string): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}
