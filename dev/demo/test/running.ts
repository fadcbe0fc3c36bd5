import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { expect, onTestFinished } from 'vitest';

/** A whole program in a process of its own, with a temporary folder of its own to see what it leaves there. */
export interface Running {
  child: ChildProcess;
  /** All that it printed so far. */
  output: () => string;
  address: string;
  folder: string;
  /** Process numbers of its servers, of Lockstep, and of what else it started. */
  pids: number[];
}

/** Starts one of the programs in `src`; resolves when it has named the address of its page. */
export async function startProgram(file: string): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const main = join(import.meta.dirname, '../src', file);
  // Another copy of this may be at work beside it, and takes what is usual.
  const args = ['--flavour', flavours[0] ?? '', '--port', String(await freePort())];
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    // Its guardians find what they have to end in these folders.
    await expect.poll(() => leftIn(folder)).toEqual([]);
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const address = await expect
    .poll(() => {
      if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
      return /Open (http:\S+)/.exec(output)?.[1];
    })
    .toBeDefined()
    .then(() => /Open (http:\S+)/.exec(output)?.[1] ?? '');
  const folders = await leftIn(folder);
  const pids = await Promise.all(folders.map((name) => pidIn(join(folder, name))));
  return { child, output: () => output, address, folder, pids };
}

/** What it made; other programs may keep caches beside it. */
export async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('lockstep-'));
}

export async function pidIn(folder: string): Promise<number> {
  return Number(await readFile(join(folder, 'pid'), 'utf8'));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
