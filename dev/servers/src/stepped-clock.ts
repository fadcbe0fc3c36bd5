import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackWithApt } from './binaries/apt-root.ts';
import { suiteOf } from './binaries/find-or-install.ts';
import { buildOnce } from './build-once.ts';
import { cacheFolder } from './cache.ts';
import { stableRelease } from './flavour.ts';

/** The clock of one server, which can be set while it runs; everything else keeps the machine's. */
export interface SteppedClock {
  /** For `startServer`. */
  env: Record<string, string>;
  /** Sets it that far ahead of the machine's; it runs on from there. */
  stepTo: (aheadSeconds: number) => Promise<void>;
}

/**
 * A clock by libfaketime, the machine's own or Debian's, fetched once; null where neither can be had. `folder` holds
 * how far ahead it is.
 */
export async function steppedClock(folder: string): Promise<SteppedClock | null> {
  const library = await findLibrary().catch(() => null);
  if (library === null) return null;
  const file = join(folder, 'clock');
  const stepTo = (aheadSeconds: number) => writeFile(file, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`);
  await stepTo(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      // In seconds; else the file is read at every look at the clock.
      FAKETIME_CACHE_DURATION: '1',
      // What waits for a while must not be woken by the step …
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // … nor wait for nothing: libfaketime would translate a true time into a false one, and MySQL's threads spin.
      FAKETIME_FORCE_MONOTONIC_FIX: '0',
    },
    stepTo,
  };
}

async function findLibrary(): Promise<string | null> {
  // It runs with the C library that the server runs with, so it must not be younger than that, and with this machine's,
  // which is the older one where the server is of a later Debian.
  const suites = new Set([suiteOf(stableRelease('mariadb')), null]);
  for (const suite of suites) {
    const library = await libraryOf(suite);
    if (library !== null && (await startsHere(library))) return library;
  }
  return null;
}

async function startsHere(library: string): Promise<boolean> {
  const env = { ...process.env, LD_PRELOAD: library };
  return promisify(execFile)('/bin/sh', ['-c', ':'], { env }).then(
    () => true,
    () => false,
  );
}

async function libraryOf(suite: string | null): Promise<string | null> {
  const installed = suite === null ? await libraryIn('/') : null;
  if (installed !== null) return installed;
  const name = suite === null ? 'faketime' : `faketime-${suite}`;
  const root = join(cacheFolder(), 'unpacked', `${name}-${process.arch}`);
  if (!existsSync(root)) {
    await buildOnce(root, (folder) => unpackWithApt(folder, { packages: ['libfaketime'], suite }));
  }
  return libraryIn(root);
}

async function libraryIn(root: string): Promise<string | null> {
  for (const folder of ['usr/lib/*/faketime', 'usr/lib/faketime', 'usr/lib64/faketime']) {
    for await (const found of glob(join(root, folder, 'libfaketime.so.1'))) return found;
  }
  return null;
}
