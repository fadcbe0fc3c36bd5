import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readSecretFile } from '../../src/config/secret-file.ts';
import { writeFiles } from './write.ts';

test('files of a disk that does not answer hold few of the threads that look up names, and it is said', async () => {
  const folder = writeFiles({ a: 'secret a\n', b: 'secret b\n', c: 'secret c\n' });
  const file = (name: string) => join(folder, name);
  expect(await readSecretFile(file('a'))).toBe('secret a');
  const answer = Promise.withResolvers<void>();
  const real = files.stat;
  const asked = vi.spyOn(files, 'stat').mockImplementation(async (...args) => {
    await answer.promise;
    return real(...args);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    asked.mockRestore();
    syncBuiltinESMExports();
  });
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  for (let login = 0; login < 3; login++) {
    const refused = ['a', 'b', 'c'].map((name) =>
      expect(readSecretFile(file(name))).rejects.toThrow(/its disk does not answer/),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(refused);
  }
  expect(asked).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
  answer.resolve();
  expect(await Promise.all(['a', 'b', 'c'].map((name) => readSecretFile(file(name))))).toEqual([
    'secret a',
    'secret b',
    'secret c',
  ]);
});
