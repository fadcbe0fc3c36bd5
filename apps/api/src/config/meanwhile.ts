import { whenListened } from '@lockstep/checks';
import { readWholeMeanwhile } from './whole-file.ts';

/**
 * Names are looked up by the same few threads of the system's that read files: a disk that does not answer (a mount
 * whose server is away) holds no more of them than this, however often its files are asked for.
 */
const mostUnderWay = 2;
const patienceMs = 3_000;

/** By file: whoever asks for one that is being read has it from that. */
const underWay = new Map<string, Promise<Buffer>>();
/** Who waits for one of those to end. */
const waiting = new Set<() => void>();

/** The content of a file as it is now, or a word on the disk that does not answer; beside all else there is to do. */
export async function readInTime(file: string): Promise<Buffer> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const callOff = whenListened(patienceMs, () => late.reject(new Error('its disk does not answer')));
  try {
    while (!underWay.has(file) && underWay.size >= mostUnderWay) await oneEnds(late.promise);
    return await Promise.race([read(file), late.promise]);
  } finally {
    callOff();
  }
}

function read(file: string): Promise<Buffer> {
  const same = underWay.get(file);
  if (same) return same;
  const reading = readWholeMeanwhile(file).finally(() => {
    underWay.delete(file);
    for (const wake of waiting) wake();
    waiting.clear();
  });
  underWay.set(file, reading);
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
