import { writeFileSync } from 'node:fs';
import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { TableCheckpoint } from '../../src/model/checkpoint.ts';
import {
  alert,
  difference,
  holdWriteLock,
  lagSample,
  result,
  rowsInFile,
  run,
  tempFile,
} from './fixtures.ts';
import { hang, hangingThread, inThread, lines } from './in-thread.ts';

const now = Date.now();

function checkpoint(upTo: number, rows: number): TableCheckpoint {
  return {
    schema: 'shop',
    table: 'orders',
    startedAt: new Date(now).toISOString(),
    position: null,
    signature: 'ab',
    upTo: [upTo],
    tally: {
      differences: { missing: 0, surplus: 0, changed: rows },
      rows: Array.from({ length: rows }, (_, id) => difference(id)),
      rowsCompared: upTo,
      chunks: 1,
      hot: 0,
      oversized: 0,
      unnamed: 0,
      reasons: [],
    },
  };
}

test('a thread that goes on after its disk hung is asked once it has caught up, and not waited for until then', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  const letGo = hang(file);
  expect(() => storage.run('r')).toThrow(/does not answer/);
  for (let n = 0; n < 40_000; n++) storage.recordLag(lagSample(now + n, n));
  storage.recordRun(run('r', now));
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => void wait.mockRestore());
  letGo();
  await vi.waitFor(() => expect(storage.run('r')).not.toBeNull(), patient);
  // Each of what it does wakes whoever waits: of thousands nobody was woken by more than the last ones.
  expect(wait.mock.calls.length).toBeLessThan(2_000);
  expect(storage.health()).toMatchObject({ ok: true, dropped: 0 });
});

test.runIf(process.platform === 'linux')(
  'a thread that is long at work on what it is asked is waited for, and not taken for a disk that hangs',
  async () => {
    const { log, said } = lines();
    const program = new URL('./children/busy-thread.ts', import.meta.url);
    const storage = await inThread(tempFile(), { program, log });
    storage.recordAlert(alert('a1', now));
    expect(storage.openAlerts()).toEqual([alert('a1', now)]);
    expect(storage.knowsBefore).toBe(true);
    expect(said).toEqual([]);
  },
);

test('whoever only tells waits for a disk that hangs but shortly', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  hang(file);
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => void wait.mockRestore());
  for (let n = 0; n < 5_000; n++) storage.recordLag(lagSample(now + n, n));
  expect(wait.mock.calls.length).toBeLessThan(10);
  expect(storage.health().ok).toBe(false);
});

test('a disk that hangs while nobody wants anything of the history is noticed, and that it answers again', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  storage.recordRun(run('r', now));
  expect(storage.run('r')).not.toBeNull();
  const letGo = hang(file);
  // It is at a write of its own from some moment on.
  await vi.waitFor(() => expect(storage.health().ok).toBe(false), patient);
  letGo();
  await vi.waitFor(() => expect(storage.health().ok).toBe(true), patient);
});

test('a disk that hangs again soon is waited for less', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => void wait.mockRestore());
  const waits = async () => {
    const letGo = hang(file);
    wait.mockClear();
    expect(() => storage.run('r')).toThrow(/does not answer/);
    letGo();
    const { length } = wait.mock.calls;
    await vi.waitFor(() => expect(storage.health().ok).toBe(true), patient);
    return length;
  };
  const first = await waits();
  expect(await waits()).toBeLessThan(first);
});

test('how a history is is known without waiting for it', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  hang(file);
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => void wait.mockRestore());
  storage.health();
  expect(wait).not.toHaveBeenCalled();
});

test('a history is closed with all that waits where its disk answers again just then', async () => {
  const file = tempFile();
  const { log, said } = lines();
  const storage = await inThread(file, { program: hangingThread, log });
  const letGo = hang(file);
  expect(() => storage.run('r')).toThrow(/does not answer/);
  storage.recordRun(run('r', now));
  letGo();
  storage.close();
  expect(rowsInFile(file, 'run')).toBe(1);
  expect(said.filter((line) => line.includes('incomplete'))).toEqual([]);
});

test('what could not be written at the end is said before the program ends', async () => {
  const file = tempFile();
  const { log, said } = lines();
  const storage = await inThread(file, { log });
  holdWriteLock(file);
  storage.recordRun(run('r', now));
  storage.close();
  expect(said).toContainEqual(expect.stringMatching(/^history is incomplete: .*database is locked/));
});

test('what waits for a disk that hangs holds memory by its rows, and how far a run is once', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread, bufferRows: 4_000 });
  const letGo = hang(file);
  expect(() => storage.run('r')).toThrow(/does not answer/);
  for (let n = 1; n <= 20; n++) storage.recordCheckpoint('r', checkpoint(n, 500));
  expect(storage.health()).toMatchObject({ dropped: 0 });
  const rows = Array.from({ length: 400 }, (_, id) => difference(id));
  for (let n = 0; n < 10; n++) storage.recordResult(result('r', now, { table: `t${n}`, rows }));
  const { buffered, dropped } = storage.health();
  expect(buffered).toBeLessThan(2_000);
  expect(dropped).toBeGreaterThan(2_000);
  letGo();
  await vi.waitFor(() => expect(storage.checkpoint('r')?.upTo).toEqual([20]), patient);
  expect(storage.results('orders').map(({ table }) => table)).toEqual(['t0', 't1', 't2']);
  expect(storage.health()).toMatchObject({
    ok: true,
    evidence: expect.stringMatching(/\d+ rows were given up while its disk did not answer/) as string,
  });
});

test('a thread that died says what helps, and the end of the program is as it would be', async () => {
  const file = tempFile();
  const { log, said } = lines();
  const listeners = process.listenerCount('exit');
  const storage = await inThread(file, {
    program: new URL('./children/dying-thread.ts', import.meta.url),
    log,
  });
  writeFileSync(`${file}.dies`, '');
  await vi.waitFor(() => expect(said.join()).toMatch(/nobody expected this; restart Lockstep/), patient);
  expect(storage.health()).toMatchObject({
    ok: false,
    evidence: expect.stringContaining('nobody expected this; restart Lockstep') as string,
  });
  storage.close();
  expect(process.listenerCount('exit')).toBe(listeners);
});
