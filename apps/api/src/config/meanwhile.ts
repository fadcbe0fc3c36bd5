import { dirname } from 'node:path';
import { whenListened } from '@lockstep/checks';
import { readWholeMeanwhile } from './whole-file.ts';

/**
 * Names are looked up by the same few threads of the system's that read files: a disk that does not answer (a mount
 * whose server is away) holds one of them for a folder, however often and for whichever files it is asked, and all
 * that do not answer hold no more than this.
 */
const mostFolders = 3;
const patienceMs = 3_000;

export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** By folder: the file of it that is being read. Whoever asks for the same has it from that. */
const underWay = new Map<string, { file: string; reading: Promise<Buffer> }>();
/** Who waits for one of those to end. */
const waiting = new Set<() => void>();

/** The content of a file as it is now, beside all else there is to do. Rejects with NoAnswer where there is none. */
export async function readInTime(file: string): Promise<Buffer> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const callOff = whenListened(patienceMs, () => late.reject(new NoAnswer(whyLate(file))));
  try {
    while (isInTheWay(file)) await oneEnds(late.promise);
    return await Promise.race([read(file), late.promise]);
  } finally {
    callOff();
  }
}

function isInTheWay(file: string): boolean {
  const beside = underWay.get(dirname(file));
  return beside === undefined ? underWay.size >= mostFolders : beside.file !== file;
}

function whyLate(file: string): string {
  if (underWay.has(dirname(file))) return 'its disk does not answer';
  return `it is not read while others do not answer: ${[...underWay.keys()].join(', ')}`;
}

function read(file: string): Promise<Buffer> {
  const folder = dirname(file);
  const same = underWay.get(folder);
  if (same) return same.reading;
  const reading = readWholeMeanwhile(file).finally(() => {
    underWay.delete(folder);
    for (const wake of waiting) wake();
  });
  underWay.set(folder, { file, reading });
  return reading;
}

async function oneEnds(late: Promise<never>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.add(resolve);
  try {
    await Promise.race([promise, late]);
  } finally {
    waiting.delete(resolve);
  }
}
