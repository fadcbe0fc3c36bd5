import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findOrInstall } from '../src/index.ts';
import { flavours } from '../src/vitest/index.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a server that is there is found, with its version', async () => {
    const found = await findOrInstall(flavour);
    expect(found.flavour).toBe(flavour);
    expect(found.version[0]).toBeGreaterThanOrEqual(flavour === 'mysql' ? 5 : 10);
  });

  test.skipIf(['mysqld', 'mariadbd'].some((name) => existsSync(`/usr/sbin/${name}`)))(
    'one that is not there and cannot be fetched is named, with what to install',
    async () => {
      const empty = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
      onTestFinished(async () => {
        vi.unstubAllEnvs();
        await rm(empty, { recursive: true });
      });
      vi.stubEnv('PATH', empty);
      vi.stubEnv('LOCKSTEP_CACHE', empty);
      await expect(findOrInstall(flavour)).rejects.toMatchObject({
        name: 'ServerUnavailable',
        message: expect.stringMatching(/install it so that "m\w+d" is on PATH/) as string,
      });
    },
  );
});
