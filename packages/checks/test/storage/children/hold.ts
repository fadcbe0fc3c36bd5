// Opens the file named, says so, and keeps it until killed.
import { silent } from '../../../src/log.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { storageConfig } from '../nouns.ts';

const [file = ''] = process.argv.slice(2);
openStorage(storageConfig(file), { log: silent });
process.stdout.write('open\n');
setInterval(() => {}, 60_000);
