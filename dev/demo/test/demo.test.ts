import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';

/** The whole demo in a process of its own, with a temporary folder of its own to see what it leaves there. */
interface RunningDemo {
  child: ChildProcess;
  /** All that it printed so far. */
  output: () => string;
  address: string;
  folder: string;
  /** Process numbers of its servers and of Lockstep. */
  pids: number[];
}

describe.runIf(flavours.length > 0)('the demo', () => {
  test('answers at the address that it prints, and Ctrl-C ends everything', async () => {
    const demo = await startDemo();
    expect(demo.pids).toHaveLength(4);
    const health = await fetch(`${demo.address}api/health`);
    expect(health.status).toBe(200);
    const page = await fetch(demo.address);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const ended = once(demo.child, 'exit');
    demo.child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(await leftIn(demo.folder)).toEqual([]);
    expect(demo.pids.filter(isAlive)).toEqual([]);
  });

  test('killed with -9, it leaves neither processes nor data', async () => {
    const demo = await startDemo();
    demo.child.kill('SIGKILL');
    await expect.poll(() => demo.pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => leftIn(demo.folder), { timeout: 10_000 }).toEqual([]);
  });

  test('when a part of it dies, it says which, and ends the rest', async () => {
    const demo = await startDemo();
    const ended = once(demo.child, 'exit');
    process.kill(await serverPid(demo.folder), 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    expect(demo.output()).toMatch(/The demo has ended: the server (shop|replica-[ab]) ended/);
    expect(demo.pids.filter(isAlive)).toEqual([]);
    expect(await leftIn(demo.folder)).toEqual([]);
  });
});

async function startDemo(): Promise<RunningDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const main = join(import.meta.dirname, '../src/main.ts');
  const child = spawn(process.execPath, [main, '--flavour', flavours[0] ?? ''], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const address = await expect
    .poll(
      () => {
        if (child.exitCode !== null) throw new Error(`the demo ended:\n${output}`);
        return /Open (http:\S+)/.exec(output)?.[1];
      },
      { timeout: 50_000 },
    )
    .toBeDefined()
    .then(() => /Open (http:\S+)/.exec(output)?.[1] ?? '');
  const folders = await leftIn(folder);
  const pids = await Promise.all(folders.map((name) => pidIn(join(folder, name))));
  return { child, output: () => output, address, folder, pids };
}

/** What the demo made; other programs may keep caches beside it. */
async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('lockstep-'));
}

async function pidIn(folder: string): Promise<number> {
  return Number(await readFile(join(folder, 'pid'), 'utf8'));
}

async function serverPid(folder: string): Promise<number> {
  const server = (await leftIn(folder)).find((name) => !name.startsWith('lockstep-demo-'));
  return pidIn(join(folder, server ?? ''));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
