// Opens the history at argv[2], lets its disk hang, and ends.
import { execFileSync } from 'node:child_process';
import { silent } from '../../../src/log.ts';
import { openStorageInThread } from '../../../src/storage/thread/open-in-thread.ts';
import { lagSample, START, storageConfig } from '../nouns.ts';

const file = process.argv[2] as string;
const storage = await openStorageInThread(storageConfig(file), {
  log: { ...silent, error: (_fields, message) => console.log(message) },
  program: new URL('./hanging-thread.ts', import.meta.url),
});
execFileSync('mkfifo', [`${file}.hangs`]);
storage.recordLag(lagSample(START, 1));
storage.close();
console.log('closed');
