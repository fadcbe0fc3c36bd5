import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { alert, event, lagSample, open, result, rowsInFile, run, tempFile } from './fixtures.ts';
import { hang, hangingThread, inThread, lines } from './in-thread.ts';

const now = Date.now();

test('what is told is read back in its order, and the file has it once the thread is closed', async () => {
  const file = tempFile();
  const storage = await inThread(file);
  for (let n = 0; n < 5_000; n++) storage.recordLag(lagSample(now - 10_000 + n, n));
  storage.recordEvent(event('e1', now));
  storage.recordRun(run('r1', now));
  storage.recordResult(result('files', now));
  storage.recordAlert(alert('a1', now));
  storage.setPaused('orders', true);
  expect(storage.run('r1')).toEqual(run('r1', now));
  expect(storage.events('orders', { from: new Date(now), to: new Date(now) })).toEqual([event('e1', now)]);
  expect(storage.results('orders')).toHaveLength(1);
  expect([...storage.eachOpenAlert()]).toEqual(storage.openAlerts());
  expect([...storage.openDeliveries()]).toEqual([]);
  expect(storage.pausedPairs()).toEqual(['orders']);
  expect(storage.knowsBefore).toBe(true);
  expect(storage.health()).toMatchObject({ ok: true, dropped: 0 });
  storage.close();
  expect(storage.health()).toMatchObject({ ok: false, buffered: 0 });
  expect(rowsInFile(file, 'lag')).toBe(5_000);
});

test('an error has the kind that it had in the thread', async () => {
  const storage = await inThread(tempFile());
  expect(() => storage.eventsSince('unheard-of', null)).toThrow(
    expect.objectContaining({ name: 'EngineRequestError' }),
  );
  expect(() => storage.runs({}, { limit: 1, cursor: 'nonsense' })).toThrow(
    expect.objectContaining({ name: 'EngineRequestError' }),
  );
});

test('a file that another has is refused as it is without a thread', async () => {
  const file = tempFile();
  open(file);
  await expect(inThread(file)).rejects.toMatchObject({ name: 'StorageError', code: 'in-use' });
});

test('while the disk hangs nobody waits for it, and nothing of what happened meanwhile is lost', async () => {
  const file = tempFile();
  const { log, said } = lines();
  const storage = await inThread(file, { program: hangingThread, log });
  storage.recordRun(run('before', now));
  storage.flush();
  const letGo = hang(file);
  expect(() => storage.run('before')).toThrow(/disk does not answer/);
  // From then on it is not even tried.
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => void wait.mockRestore());
  for (let n = 0; n < 100; n++) storage.recordLag(lagSample(now + n, n));
  storage.recordRun(run('meanwhile', now + 1));
  expect(() => storage.run('meanwhile')).toThrow(expect.objectContaining({ code: 'unreadable' }));
  storage.flush();
  expect(storage.openAlerts()).toEqual([]);
  expect(storage.health()).toMatchObject({ ok: false, dropped: 0 });
  expect(storage.health().evidence).toMatch(
    /does not answer since .*look at the disk or the mount; \d+ rows wait/,
  );
  expect(wait).not.toHaveBeenCalled();
  expect(said.filter((line) => line.startsWith('history is neither written nor read'))).toHaveLength(1);
  const reopened = vi.fn();
  storage.onReopened(reopened);
  letGo();
  await vi.waitFor(() => expect(storage.health().ok).toBe(true), patient);
  expect(storage.run('meanwhile')).toEqual(run('meanwhile', now + 1));
  expect(
    storage.lagHistory('orders', { from: new Date(now), to: new Date(now + 100), maxPoints: 1 }),
  ).toMatchObject([{ samples: 100 }]);
  // What was to be gone on with was asked for meanwhile: it can be asked for again.
  await vi.waitFor(() => expect(reopened).toHaveBeenCalledTimes(1), patient);
  expect(storage.knowsBefore).toBe(true);
});

test('a disk that hangs is noticed by who only writes, and waits for nothing', async () => {
  const file = tempFile();
  const { log, said } = lines();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const storage = await inThread(file, { program: hangingThread, log });
  hang(file);
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => void wait.mockRestore());
  storage.recordLag(lagSample(now, 1));
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual([expect.stringContaining('history is neither written nor read')]);
  expect(storage.health().ok).toBe(false);
  expect(wait).not.toHaveBeenCalled();
});

test('a file that does not open in time is gone on without, until it does', async () => {
  const file = tempFile();
  const earlier = open(file, { now: () => now });
  earlier.setPaused('orders', true);
  earlier.close();
  const letGo = hang(file);
  const storage = await inThread(file, { program: hangingThread, openMs: 1 });
  const reopened = vi.fn();
  storage.onReopened(reopened);
  expect(storage.knowsBefore).toBe(false);
  expect(storage.pausedPairs()).toEqual([]);
  storage.recordRun(run('r1', now));
  letGo();
  await vi.waitFor(() => expect(reopened).toHaveBeenCalled(), patient);
  expect(storage.knowsBefore).toBe(true);
  expect(storage.pausedPairs()).toEqual(['orders']);
  expect(storage.run('r1')).not.toBeNull();
  expect(storage.health().ok).toBe(true);
});

test('of what waits for a disk that hangs the dispensable is given up first, and it is said how much', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread, bufferRows: 40 });
  const letGo = hang(file);
  expect(() => storage.run('r')).toThrow(/does not answer/);
  for (let n = 0; n < 30; n++) storage.recordLag(lagSample(now + n, n));
  storage.recordRun(run('r1', now));
  const { dropped } = storage.health();
  expect(dropped).toBeGreaterThan(15);
  expect(dropped).toBeLessThan(30);
  letGo();
  await vi.waitFor(() => expect(storage.run('r1')).not.toBeNull(), patient);
  expect(storage.health()).toMatchObject({ ok: true, dropped });
});
