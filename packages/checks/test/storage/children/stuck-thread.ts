// The history's thread, on a disk that answers no write once a pipe beside the history has the name `….pipe`: it is in
// a call of the system's from then on, as on a mount whose server is away, and nothing that is asked of the thread ends
// it.
import { existsSync, openSync, writeFileSync } from 'node:fs';
import { StatementSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

const { config } = workerData as { config: { file: string } };
const pipe = `${config.file}.pipe`;
const methods = StatementSync.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
const real = methods['run'] as (...args: unknown[]) => unknown;
methods['run'] = function (this: unknown, ...args: unknown[]) {
  if (existsSync(pipe)) {
    writeFileSync(`${pipe}.reached`, '');
    // Nobody writes into it.
    openSync(pipe, 'r');
  }
  return real.apply(this, args);
};

await import('../../../src/storage/thread/history-thread.ts');
