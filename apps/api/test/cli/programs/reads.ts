// Reads the file at argv[2], says so, and ends with 7, as the program does.
import { open } from 'node:fs/promises';
import { endInSpiteOfDisks, filesAreDone } from '../../../src/cli/disks.ts';

endInSpiteOfDisks();
void open(process.argv[2] as string).catch(() => {});
console.log('reading');
await filesAreDone();
process.exit(7);
