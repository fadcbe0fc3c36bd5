// Records without end into the file named, and prints each number of records that the storage has flushed.
import { writeSync } from 'node:fs';
import { silent } from '../../../src/log.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { event, lagSample, run, START, storageConfig } from '../nouns.ts';

const [file = ''] = process.argv.slice(2);
const storage = openStorage(storageConfig(file), { log: silent, now: () => START });
for (let n = 1; ; n++) {
  storage.recordLag(lagSample(START + n, n));
  storage.recordEvent(event(`e${n}`, START + n));
  storage.recordRun(run(`r${n}`, START + n));
  if (storage.health().buffered === 0) writeSync(1, `${n}\n`);
}
