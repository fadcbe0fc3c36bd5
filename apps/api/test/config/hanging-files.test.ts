import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, type MockInstance, onTestFinished, test, vi } from 'vitest';
import { formatProblem, loadConfigMeanwhile } from '../../src/config/index.ts';
import { readSecretFile } from '../../src/config/secret-file.ts';
import { MINIMAL, writeFiles } from './write.ts';

/** From now on nobody hears of these files; answers how they are heard of again. */
function silence(names: readonly string[]): { asked: MockInstance; letGo: () => void } {
  const answer = Promise.withResolvers<void>();
  const real = files.stat;
  const asked = vi.spyOn(files, 'stat').mockImplementation(async (...args) => {
    if (names.some((name) => String(args[0]).endsWith(`/${name}`))) await answer.promise;
    return real(...args);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    answer.resolve();
    asked.mockRestore();
    syncBuiltinESMExports();
  });
  return { asked, letGo: answer.resolve };
}

test('files of a disk that does not answer hold few of the threads that look up names, and it is said', async () => {
  const folder = writeFiles({ a: 'secret a\n', b: 'secret b\n', c: 'secret c\n', 'other/d': 'secret d\n' });
  const file = (name: string) => join(folder, name);
  expect(await readSecretFile(file('a'))).toBe('secret a');
  const { asked, letGo } = silence(['a', 'b', 'c']);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  for (let login = 0; login < 3; login++) {
    const refused = ['a', 'b', 'c'].map((name) =>
      expect(readSecretFile(file(name))).rejects.toThrow(/its disk does not answer/),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(refused);
  }
  expect(asked).toHaveBeenCalledTimes(1);
  // Another disk is none of theirs.
  expect(await readSecretFile(file('other/d'))).toBe('secret d');
  vi.useRealTimers();
  letGo();
  expect(await Promise.all(['a', 'b', 'c'].map((name) => readSecretFile(file(name))))).toEqual([
    'secret a',
    'secret b',
    'secret c',
  ]);
});

test.each([
  ['lockstep.yaml', /lockstep\.yaml: cannot be read: its disk does not answer/],
  ['secret', /passwordFile.*"secret": its disk does not answer/],
])(
  'a configuration is refused, and waited for by nobody, where the disk of %s does not answer',
  async (name, words) => {
    const folder = writeFiles({
      'lockstep.yaml': MINIMAL.replace(/password: .*/, 'passwordFile: secret'),
      secret: 'a password\n',
    });
    const file = join(folder, 'lockstep.yaml');
    expect(await loadConfigMeanwhile(file, {})).toMatchObject({ ok: true });
    silence([name]);
    const result = await loadConfigMeanwhile(file, {});
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([expect.stringMatching(words)]);
  },
);
