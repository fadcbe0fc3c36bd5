// The history's thread, on a disk that hangs as long as a file beside the history has the name `….hangs`: every
// statement then waits in the thread itself, as the system's calls do on a mount whose server is away.
import { existsSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

const { config } = workerData as { config: { file: string } };
const never = new Int32Array(new SharedArrayBuffer(4));

for (const [prototype, names] of [
  [DatabaseSync.prototype, ['exec', 'close']],
  [StatementSync.prototype, ['run', 'get', 'all']],
] as const) {
  const methods = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of names) {
    const real = methods[name] as (...args: unknown[]) => unknown;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      while (existsSync(`${config.file}.hangs`)) Atomics.wait(never, 0, 0, 10);
      return real.apply(this, args);
    };
  }
}

await import('../../../src/storage/thread/history-thread.ts');
