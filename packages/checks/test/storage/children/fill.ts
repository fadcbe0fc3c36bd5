// Records runs into the file named, more than this process may write, and prints what became of them.
import { silent } from '../../../src/log.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { run, START, storageConfig } from '../nouns.ts';

const [file = ''] = process.argv.slice(2);
const recorded = 20_000;
const storage = openStorage(storageConfig(file), { log: silent, now: () => START });
for (let n = 0; n < recorded; n++) storage.recordRun(run(`r${n}`, START + n));
const { ok, evidence, dropped: lost } = storage.health();
const readable = storage.runs({}, { limit: 1 }).total;
process.stdout.write(JSON.stringify({ recorded, readable, ok, evidence, lost }));
