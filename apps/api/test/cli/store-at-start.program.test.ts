import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStorage, silent } from '@lockstep/checks';
import { freePort } from '@lockstep/servers';
import { patienceMs, patient } from '@lockstep/servers/patience';
import { describe, expect, test, vi } from 'vitest';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { type Receiver, receiver } from '../notify/fixtures.ts';
import { BIN, Program } from './program.ts';

/** File systems of a process' own are the administrator's to make, and not everywhere. */
const canMount =
  spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0;

/** A folder with a sound history, in which the pair is paused, and a configuration whose servers refuse. */
async function prepared(): Promise<{ folder: string; address: string; ops: Receiver }> {
  const port = await freePort();
  const ops = await receiver();
  const servers = MINIMAL.replace(/db\d\.example\.com/g, (host) => `127.0.0.1\n    port: ${host.charAt(2)}`);
  const folder = writeFiles({});
  const file = join(folder, 'store', 'history.db');
  writeFileSync(
    join(folder, 'lockstep.yaml'),
    `${servers}    name: shop
http: {port: ${port}}
storage: {file: '${file}'}
alerts: {for: 0s}
notifications: [{name: ops, type: webhook, url: '${ops.url}'}]
`,
  );
  const day = 86_400_000;
  const storage = openStorage({ file, rawLagMs: day, minuteLagMs: day, historyMs: day }, { log: silent });
  storage.setPaused('shop', true);
  storage.close();
  return { folder, address: `http://127.0.0.1:${port}`, ops };
}

const paused = async (address: string) => {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ pairs { paused } }' }),
  });
  const { data } = (await response.json()) as { data: { pairs: { paused: boolean }[] } };
  return data.pairs.map((pair) => pair.paused);
};

/** That it serves, says what is wrong at every door, and tells it. */
async function goesOn({ address, ops }: { address: string; ops: Receiver }, words: RegExp): Promise<void> {
  await vi.waitFor(async () => {
    const health = await fetch(`${address}/api/health`);
    expect([health.status, await health.text()]).toEqual([503, expect.stringMatching(words)]);
    const alerts = await (await fetch(`${address}/api/alerts`)).text();
    expect(alerts).toContain('storage-degraded');
    expect(JSON.stringify(ops.received.map(({ body }) => body))).toContain('storage-degraded');
  }, patient);
}

async function isWell(address: string): Promise<void> {
  await vi.waitFor(async () => {
    const health = await (await fetch(`${address}/api/health`)).text();
    expect(health).toMatch(/"evidence":"all is written/);
  }, patient);
}

describe('lockstep serve', () => {
  test('serves with a damaged history, and begins another when that is moved away', async () => {
    const { folder, address, ops } = await prepared();
    const file = join(folder, 'store', 'history.db');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(90, 100));
    const program = new Program(process.execPath, [BIN, 'serve', '--config', join(folder, 'lockstep.yaml')]);
    await goesOn({ address, ops }, /damaged|malformed/);
    rmSync(file);
    await isWell(address);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  test('serves while somebody has the history locked, and writes what came meanwhile when they let go', async () => {
    const { folder, address, ops } = await prepared();
    const file = join(folder, 'store', 'history.db');
    const program = new Program(process.execPath, [BIN, 'serve', '--config', join(folder, 'lockstep.yaml')]);
    await vi.waitFor(() => isWell(address), patient);
    using tool = new DatabaseSync(file, { timeout: patienceMs });
    tool.exec('BEGIN IMMEDIATE');
    await goesOn({ address, ops }, /database is locked/);
    expect(await paused(address)).toEqual([true]);
    tool.exec('ROLLBACK');
    await isWell(address);
    const alerts = tool.prepare("SELECT COUNT(*) AS n FROM alert WHERE body LIKE '%storage-degraded%'").get();
    expect(alerts?.['n']).toBe(1);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  describe.skipIf(!canMount)('with a history on a file system that cannot be written', () => {
    test.each([
      ['is full', 'dd if=/dev/zero of=filler bs=4k; true', /full|disk I\/O|no space/i, 'rm filler'],
      ['is read-only', 'mount -o remount,ro .', /read-?only/i, 'mount -o remount,rw .'],
      [
        'has no room for another file',
        'mount -o remount,nr_inodes=3 .',
        /no space left.*the disk is full: make room/i,
        'mount -o remount,nr_inodes=100 .',
      ],
    ])(
      'that %s serves, knows what was paused, and goes on with it when it can',
      async (_, breakIt, words, mend) => {
        const { folder, address, ops } = await prepared();
        const store = join(folder, 'store');
        const script = `cp -a "${store}" "${store}.was" && mount -t tmpfs -o size=1m none "${store}" &&
        cp -a "${store}.was/." "${store}" && (cd "${store}" && ${breakIt}) && exec "$0" "$@"`;
        const command = [process.execPath, BIN, 'serve', '--config', join(folder, 'lockstep.yaml')];
        const program = new Program('unshare', ['-m', 'sh', '-c', script, ...command]);
        await goesOn({ address, ops }, words);
        expect(await paused(address)).toEqual([true]);
        const within = ['-m', '-t', String(program.child.pid), 'sh', '-c', `cd "${store}" && ${mend}`];
        expect(spawnSync('nsenter', within, { encoding: 'utf8' })).toMatchObject({ status: 0 });
        await isWell(address);
        expect(await paused(address)).toEqual([true]);
        program.child.kill('SIGTERM');
        expect(await program.ended).toBe(0);
      },
    );
  });
});
