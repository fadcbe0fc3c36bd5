import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { open, rowsInFile, run, START, tempFile } from './fixtures.ts';

/** A program of `children/` at work on the file; its lines, and how to kill it. */
function start(
  program: string,
  file: string,
  ...args: string[]
): { child: ChildProcess; lines: AsyncIterator<string>; kill: () => Promise<void> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'children', program), file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](), kill };
}

test('another process that has the file is named, and its death frees the file', async () => {
  const file = tempFile();
  const { child, lines, kill } = start('hold.ts', file);
  await lines.next();
  expect(() => open(file)).toThrow(
    expect.objectContaining({
      name: 'StorageError',
      code: 'in-use',
      message: expect.stringContaining(`process ${child.pid}`) as string,
    }),
  );
  await kill();
  const storage = open(file);
  storage.recordRun(run('r1', START));
  storage.close();
  expect(rowsInFile(file, 'run')).toBe(1);
});

test('a file whose lock somebody removed is in use all the same, however often it is tried', async () => {
  const file = tempFile();
  const { lines, kill } = start('hold.ts', file);
  await lines.next();
  rmSync(`${file}-lock`);
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(() => open(file)).toThrow(expect.objectContaining({ name: 'StorageError', code: 'in-use' }));
  }
  await kill();
  rmSync(`${file}-lock`, { force: true });
  expect(open(file).health().ok).toBe(true);
});

test('a process killed in the middle of writing loses at most what was not flushed, and the file opens again', async () => {
  const file = tempFile();
  const { lines, kill } = start('write.ts', file);
  let flushed = 0;
  while (flushed < 5_000) flushed = Number((await lines.next()).value);
  await kill();
  // What it managed to say before it died.
  for await (const line of { [Symbol.asyncIterator]: () => lines }) flushed = Number(line);

  const storage = open(file);
  const kept = storage.runs({}, { limit: 1 }).total;
  expect(kept).toBeGreaterThanOrEqual(flushed);
  // A batch is there as a whole or not at all: samples, minutes, events and runs agree.
  expect(storage.runs({}, { limit: 1 }).items[0]?.id).toBe(`r${kept}`);
  expect(rowsInFile(file, 'event')).toBe(rowsInFile(file, 'lag'));
  const range = { from: new Date(START), to: new Date(START + 600_000) };
  for (const maxPoints of [2, 20_000]) {
    const buckets = storage.lagHistory('orders', { ...range, maxPoints });
    expect(buckets.reduce((sum, { samples }) => sum + samples, 0)).toBe(rowsInFile(file, 'lag'));
  }
  expect(storage.health().ok).toBe(true);
});

test('a program whose disk hangs ends all the same, and says what is not written', async () => {
  const file = tempFile();
  const { child, lines } = start('end-hanging.ts', file);
  const ended = once(child, 'exit');
  expect((await lines.next()).value).toMatch(
    /history is neither written nor read: the disk .* does not answer/,
  );
  expect((await lines.next()).value).toMatch(/history is incomplete: the disk .* does not answer since/);
  expect((await lines.next()).value).toBe('closed');
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test.each(['opening', 'open'])(
  'a program that ends while the history is %s, and its disk answers no more, ends',
  async (when) => {
    const { child, lines } = start('exit-stuck.ts', tempFile(), when);
    const ended = once(child, 'exit');
    expect((await lines.next()).value).toMatch(/the disk .* does not answer/);
    expect((await lines.next()).value).toMatch(/history is incomplete/);
    expect(await ended).toEqual([null, 'SIGKILL']);
  },
);

test('a program that ends in the middle has written what it recorded, and ends as it wanted to', async () => {
  const file = tempFile();
  const { child } = start('exit-writing.ts', file);
  expect(await once(child, 'exit')).toEqual([3, null]);
  expect(rowsInFile(file, 'run')).toBe(1);
});
