// The history's thread, which dies of an error that nobody expected once a file beside the history has the name
// `….dies`.
import { existsSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { config } = workerData as { config: { file: string } };
setInterval(() => {
  if (existsSync(`${config.file}.dies`)) throw new Error('nobody expected this');
}, 10);

await import('../../../src/storage/thread/history-thread.ts');
