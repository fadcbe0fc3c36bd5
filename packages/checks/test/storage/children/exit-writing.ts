// Opens the history at argv[2], records a run, and ends in the middle of whatever it was at.
import { silent } from '../../../src/log.ts';
import { openStorageInThread } from '../../../src/storage/thread/open-in-thread.ts';
import { run, START, storageConfig } from '../nouns.ts';

const storage = await openStorageInThread(storageConfig(process.argv[2] as string), { log: silent });
storage.recordRun(run('r1', START));
process.exit(3);
