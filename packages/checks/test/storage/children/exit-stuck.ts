// Opens the history at argv[2], whose disk answers no more while it is being opened, or for argv[3] `open` afterwards,
// and ends in the middle of whatever it was at.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { silent } from '../../../src/log.ts';
import { openStorageInThread } from '../../../src/storage/thread/open-in-thread.ts';
import { lagSample, START, storageConfig } from '../nouns.ts';

const [, , file = '', when] = process.argv;
const stick = () => execFileSync('mkfifo', [`${file}.pipe`]);

if (when !== 'open') stick();
const opening = openStorageInThread(storageConfig(file), {
  log: { ...silent, error: (_fields, message) => console.log(message) },
  program: new URL('./stuck-thread.ts', import.meta.url),
});
if (when === 'open') {
  const storage = await opening;
  stick();
  storage.recordLag(lagSample(START, 1));
}
while (!existsSync(`${file}.pipe.reached`)) await delay(10);
process.exit(3);
