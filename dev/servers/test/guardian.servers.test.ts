import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { flavours } from '../src/vitest/index.ts';

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'a test process that ends by %s leaves neither a server nor its data',
  async (signal) => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-server.ts'), flavours[0] ?? ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(holder.stdout.setEncoding('utf8'), 'data')) as [string];
    const { pid, dataDir } = JSON.parse(line) as { pid: number; dataDir: string };
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(dataDir)).toBe(true);
    holder.kill(signal);
    await expect.poll(() => isAlive(pid)).toBe(false);
    await expect.poll(() => existsSync(dirname(dataDir))).toBe(false);
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
