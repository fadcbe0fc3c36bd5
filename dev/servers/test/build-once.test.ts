import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildOnce } from '../src/build-once.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('a build that fails leaves nothing that could be taken for a result', async () => {
  const parent = await temporaryFolder();
  const folder = join(parent, 'thing');
  const failing = buildOnce(folder, async (into) => {
    await writeFile(join(into, 'half'), '');
    throw new Error('broke off');
  });
  await expect(failing).rejects.toThrow('broke off');
  expect(existsSync(folder)).toBe(false);
  expect((await readdir(parent)).filter((name) => name.includes('.tmp-'))).toEqual([]);
});

test('several that want the same folder at once share one build', async () => {
  const folder = join(await temporaryFolder(), 'thing');
  let builds = 0;
  const build = async (into: string) => {
    builds++;
    await writeFile(join(into, 'number'), String(builds));
  };
  await Promise.all([buildOnce(folder, build), buildOnce(folder, build), buildOnce(folder, build)]);
  expect(builds).toBe(1);
  expect(await readFile(join(folder, 'number'), 'utf8')).toBe('1');
});
