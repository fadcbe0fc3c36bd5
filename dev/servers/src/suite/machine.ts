import { mkdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { cacheFolder } from '../cache.ts';
import { cannotServe } from './cannot-serve.ts';

/** What a whole run takes at its height: some twenty servers and a browser at a time, and their data. */
export const needs = { memoryBytes: 4e9, temporaryBytes: 4e9, cacheBytes: 2e9 };

/** One line on what there is too little of here to run the tests; null when there is enough. */
export async function whatTheMachineLacks(need = needs): Promise<string | null> {
  const memory = process.availableMemory();
  if (memory < need.memoryBytes) {
    return cannotServe(
      `${gigabytes(memory)} of memory are free, the tests need ${gigabytes(need.memoryBytes)}.`,
    );
  }
  for (const [folder, bytes] of [
    [tmpdir(), need.temporaryBytes],
    [cacheFolder(), need.cacheBytes],
  ] as const) {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (free < bytes) {
      return cannotServe(`${gigabytes(free)} are free in ${folder}, the tests need ${gigabytes(bytes)}.`);
    }
  }
  return null;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
