import { once } from 'node:events';
import { join } from 'node:path';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { isAlive, leftIn, pidIn, startProgram } from './running.ts';

describe.runIf(flavours.length > 0)('the demo', () => {
  test('answers at the address that it prints, and Ctrl-C ends everything', async () => {
    const demo = await startProgram('main.ts');
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
    const demo = await startProgram('main.ts');
    demo.child.kill('SIGKILL');
    await expect.poll(() => demo.pids.filter(isAlive)).toEqual([]);
    await expect.poll(() => leftIn(demo.folder)).toEqual([]);
  });

  test('when a part of it dies, it says which, and ends the rest', async () => {
    const demo = await startProgram('main.ts');
    const ended = once(demo.child, 'exit');
    process.kill(await serverPid(demo.folder), 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    expect(demo.output()).toMatch(/The demo has ended: the server (shop|replica-[ab]) ended/);
    expect(demo.pids.filter(isAlive)).toEqual([]);
    expect(await leftIn(demo.folder)).toEqual([]);
  });
});

async function serverPid(folder: string): Promise<number> {
  const server = (await leftIn(folder)).find((name) => !name.startsWith('lockstep-demo-'));
  return pidIn(join(folder, server ?? ''));
}
