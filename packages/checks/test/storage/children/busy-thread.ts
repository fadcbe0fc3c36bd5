// The history's thread, of which each question for many rows is three seconds' work.
import { StatementSync } from 'node:sqlite';

const methods = StatementSync.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
const real = methods['all'] as (...args: unknown[]) => unknown;
methods['all'] = function (this: unknown, ...args: unknown[]) {
  for (const until = performance.now() + 3_000; performance.now() < until;);
  return real.apply(this, args);
};

await import('../../../src/storage/thread/history-thread.ts');
