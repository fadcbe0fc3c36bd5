import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lockstep-command-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A script that waits for a program that never ends, and notes its number. */
export const waits = ['/bin/sh', '-c', 'sleep 100000 & echo $! > called; wait; echo password'];

export function isThere(pid: number): boolean {
  try {
    // What has ended, and nobody asked about, is a zombie.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

export function called(where: string): number {
  const file = join(where, 'called');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}
