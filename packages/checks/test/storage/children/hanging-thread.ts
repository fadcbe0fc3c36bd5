// The history's thread, on a disk that hangs as long as a pipe beside the history has the name `….hangs`: every
// statement then waits in a call of the system's, as on a mount whose server is away.
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

const { config } = workerData as { config: { file: string } };
const pipe = `${config.file}.hangs`;

/** Until somebody opens the pipe to write, or it is gone. */
function wait(): void {
  if (!existsSync(pipe)) return;
  try {
    closeSync(openSync(pipe, 'r'));
  } catch {
    // It went just then.
  }
}

for (const [prototype, names] of [
  [DatabaseSync.prototype, ['exec', 'close']],
  [StatementSync.prototype, ['run', 'get', 'all']],
] as const) {
  const methods = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of names) {
    const real = methods[name] as (...args: unknown[]) => unknown;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      wait();
      return real.apply(this, args);
    };
  }
}

await import('../../../src/storage/thread/history-thread.ts');
