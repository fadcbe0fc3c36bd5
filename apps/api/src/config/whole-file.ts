import { readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** As much as five thousand pairs take; of more it would take minutes to make sense, in one turn. */
const mostMebibytes = 2;

let instead: ((file: string) => Buffer) | null = null;

/** Whatever the work reads by `readWhole` it has from there. */
export function readingFrom<Value>(read: (file: string) => Buffer, work: () => Value): Value {
  instead = read;
  try {
    return work();
  } finally {
    instead = null;
  }
}

/**
 * The content of a file that is read again and again. Whoever opens a pipe waits for somebody to write into it, for
 * ever, and with all else that the program has to do; and what it brings comes once. Throws what `sentence()` puts
 * into words.
 */
export function readWhole(file: string): Buffer {
  if (instead) return instead(file);
  mustBeWhole(statSync(file));
  return readFileSync(file);
}

/** The same for a program that has other things to do meanwhile. */
export async function readWholeMeanwhile(file: string): Promise<Buffer> {
  mustBeWhole(await stat(file));
  return readFile(file);
}

/** The same of what is read this once: it may be a pipe, as shells make of `<(…)`. */
export function readOnce(file: string): Buffer {
  const found = statSync(file);
  if (found.isFile()) mustBeWhole(found);
  return readFileSync(file);
}

/** Who writes a file writes more of it before this is over, … */
const stillMs = 250;
/** … and is done with it before this is. */
const writtenWithinMs = 5_000;

/**
 * Resolves when nobody writes the file any more; with false when that is not to be waited for. Half of one may be as
 * sound as the whole.
 */
export async function isWritten(file: string): Promise<boolean> {
  const end = performance.now() + writtenWithinMs;
  for (let before = await marksOf(file); performance.now() < end;) {
    await delay(stillMs);
    const now = await marksOf(file);
    if (now === before) return true;
    before = now;
  }
  return false;
}

/** The same as long as it is not written. Whoever reads it says why it cannot be had. */
async function marksOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found ? [found.ino, found.size, found.mtimeNs].join() : '';
}

/** A folder is told by whoever reads it. */
function mustBeWhole(found: Stats): void {
  if (!found.isFile() && !found.isDirectory()) throw new Error('it is a pipe or a device, not a file');
  const mebibytes = found.size / 2 ** 20;
  if (found.isFile() && mebibytes > mostMebibytes) {
    throw new Error(`it has ${Math.ceil(mebibytes)} MB; more than ${mostMebibytes} MB are not read`);
  }
}
