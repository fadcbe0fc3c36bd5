import { spawnSync } from 'node:child_process';
import { renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../src/log.ts';
import {
  alert,
  difference,
  event,
  holdWriteLock,
  lagSample,
  open,
  result,
  rowsInFile,
  run,
  START,
  tempFile,
  tempFolder,
} from './fixtures.ts';

const SECOND = 1_000;

function recordingLog(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (_: object, message: string) => lines.push(`${level} ${message}`);
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test('what is recorded reaches the file within a second', () => {
  const file = tempFile();
  const storage = open(file);
  storage.recordRun(run('r1', START));
  expect(rowsInFile(file, 'run')).toBe(0);
  vi.advanceTimersByTime(SECOND);
  expect(rowsInFile(file, 'run')).toBe(1);
});

test('five hundred rows do not wait for the second', () => {
  const file = tempFile();
  const storage = open(file);
  for (let n = 0; n < 499; n++) storage.recordLag(lagSample(START + n, 1));
  expect(rowsInFile(file, 'lag')).toBe(0);
  storage.recordLag(lagSample(START + 499, 1));
  expect(rowsInFile(file, 'lag')).toBe(500);
});

describe('while somebody else holds the file locked', () => {
  test('writes wait, reads see them all, health says why, and nothing is lost or doubled afterwards', () => {
    const file = tempFile();
    const log = recordingLog();
    const storage = open(file, { log });
    storage.recordRun(run('r1', START));
    storage.recordAlert(alert('a1', START));
    storage.recordResult(result('r1', START, { rows: [difference(1), difference(2)] }));
    storage.recordLag(lagSample(START - 5_000, 100));
    vi.advanceTimersByTime(SECOND);

    const letGo = holdWriteLock(file);
    storage.recordRun(run('r2', START + 1));
    storage.recordRun(run('r1', START, { state: 'failed' }));
    storage.recordAlert(alert('a1', START, { severity: 'CRITICAL' }));
    storage.recordAlert(alert('a2', START + 1));
    storage.recordResult(result('r2', START + 9, { rows: [difference(3)] }));
    storage.recordLag(lagSample(START - 4_000, 300));
    storage.recordEvent(event('e1', START));
    storage.setPaused('orders', true);
    vi.advanceTimersByTime(5 * SECOND);

    expect(storage.health()).toMatchObject({ ok: false, dropped: 0, buffered: 10 });
    expect(storage.health().evidence).toMatch(
      /cannot be written since 2026-03-01T12:00:00.000Z: database is locked/,
    );
    const check = () => {
      expect(storage.runs({}, { limit: 10 })).toMatchObject({
        total: 2,
        items: [{ id: 'r2' }, { id: 'r1', state: 'failed' }],
      });
      expect(storage.openAlerts()).toMatchObject([{ id: 'a1', severity: 'CRITICAL' }, { id: 'a2' }]);
      expect(storage.results('orders')).toMatchObject([{ runId: 'r2' }]);
      expect(storage.differences('orders', 'checksum', 'shop', 'orders', { limit: 9 }).items).toEqual([
        difference(3),
      ]);
      expect(storage.resultHistory('orders', 'checksum', 'shop', 'orders', { limit: 9 }).total).toBe(2);
      const range = { from: new Date(START - 10_000), to: new Date(START) };
      expect(storage.lagHistory('orders', { ...range, maxPoints: 2 })).toMatchObject([
        { minMs: 100, maxMs: 300, samples: 2 },
      ]);
      expect(storage.events('orders', { from: new Date(START), to: new Date(START) })).toHaveLength(1);
      expect(storage.pausedPairs()).toEqual(['orders']);
    };
    check();

    letGo();
    vi.advanceTimersByTime(SECOND);
    expect(storage.health()).toMatchObject({ ok: true, buffered: 0, dropped: 0 });
    check();
    expect(
      ['run', 'alert', 'result', 'difference', 'result_line', 'lag', 'event'].map((table) =>
        rowsInFile(file, table),
      ),
    ).toEqual([2, 2, 1, 1, 2, 2, 1]);
    // Once when it began, once when it ended, whatever the number of attempts.
    expect(log.lines).toEqual([
      'error history cannot be written: database is locked; it is tried again',
      'info over: history cannot be written: database is locked',
    ]);
  });

  test('the buffer is bounded: the oldest lag samples are given up and counted, alerts and runs are not', () => {
    const file = tempFile();
    const storage = open(file, { bufferRows: 1_000 });
    holdWriteLock(file);
    storage.recordAlert(alert('a1', START));
    storage.recordRun(run('r1', START));
    for (let n = 0; n < 5_000; n++) storage.recordLag(lagSample(START - 5_000 + n, n));
    const { buffered, dropped } = storage.health();
    expect(buffered).toBeLessThanOrEqual(1_000);
    expect(buffered).toBeGreaterThan(900);
    expect(buffered + dropped).toBe(5_002);
    expect(storage.openAlerts()).toHaveLength(1);
    expect(storage.run('r1')).not.toBeNull();
    const newest = { from: new Date(START - 100), to: new Date(START), maxPoints: 100 };
    expect(storage.lagHistory('orders', newest).reduce((sum, { samples }) => sum + samples, 0)).toBe(100);
  });

  test('results with very many rows are given up whole, never in part', () => {
    const file = tempFile();
    const storage = open(file, { bufferRows: 1_000 });
    holdWriteLock(file);
    const rows = Array.from({ length: 400 }, (_, n) => difference(n));
    for (const table of ['a', 'b', 'c', 'd']) storage.recordResult(result('r1', START, { table, rows }));
    const kept = storage.results('orders').map(({ table }) => table);
    expect(kept).toEqual(['c', 'd']);
    for (const table of kept) {
      expect(storage.differences('orders', 'checksum', 'shop', table, { limit: 1 }).total).toBe(400);
    }
  });

  test('a long backlog goes to the file in parts, complete', () => {
    const file = tempFile();
    const storage = open(file);
    const letGo = holdWriteLock(file);
    for (let n = 0; n < 12_000; n++) storage.recordLag(lagSample(START - 12_000 + n, n));
    letGo();
    vi.advanceTimersByTime(SECOND);
    expect(rowsInFile(file, 'lag')).toBe(5_000);
    vi.advanceTimersByTime(2 * SECOND);
    expect(rowsInFile(file, 'lag')).toBe(12_000);
    expect(storage.health()).toMatchObject({ ok: true, buffered: 0, dropped: 0 });
  });

  test('closing does not hang or throw, and says in the log how much was lost', () => {
    const file = tempFile();
    const log = recordingLog();
    const storage = open(file, { log });
    holdWriteLock(file);
    storage.recordRun(run('r1', START));
    storage.close();
    expect(log.lines.at(-1)).toMatch(/^error history is incomplete: .*database is locked/);
    storage.recordRun(run('r2', START));
    expect(storage.health()).toMatchObject({ ok: false, dropped: 2 });
  });
});

test('a file that was deleted under Lockstep is noticed', () => {
  const file = tempFile();
  const storage = open(file);
  expect(storage.health().ok).toBe(true);
  rmSync(file);
  expect(storage.health()).toMatchObject({ ok: false, bytes: null });
  expect(storage.health().evidence).toContain('was removed or replaced');
});

test('a file that is out of sight is not said to be gone', () => {
  const file = join(tempFolder(), 'store', 'lockstep.db');
  const storage = open(file);
  const aside = `${dirname(file)}.aside`;
  renameSync(dirname(file), aside);
  // Nobody may be kept out of a folder where the tests are run by root; a link to itself leads nobody in.
  symlinkSync(dirname(file), dirname(file));
  expect(storage.health()).toMatchObject({ ok: false });
  expect(storage.health().evidence).toMatch(/out of sight \(ELOOP.*give Lockstep its folder back/);
  rmSync(dirname(file));
  renameSync(aside, dirname(file));
  expect(storage.health()).toMatchObject({ ok: true });
});

describe('what is written to a log that nobody will read is not said to be written', () => {
  const begun = () => {
    const file = tempFile();
    const storage = open(file);
    storage.recordRun(run('r1', START));
    vi.advanceTimersByTime(SECOND);
    expect(storage.health().ok).toBe(true);
    return { file, storage };
  };

  test.each(['-wal', '-shm'])('%s is removed, or another is put there', (ending) => {
    const { file, storage } = begun();
    rmSync(file + ending);
    expect(storage.health()).toMatchObject({ ok: false });
    writeFileSync(file + ending, '');
    storage.recordRun(run('r2', START));
    vi.advanceTimersByTime(SECOND);
    expect(storage.health()).toMatchObject({ ok: false });
    expect(storage.health().evidence).toContain('was removed or replaced');
  });

  test.each([
    ['cut', (log: string) => truncateSync(log, 0)],
    ['overwritten', (log: string) => writeFileSync(log, Buffer.alloc(statSync(log).size, 90))],
  ])('the log is %s', (_, meddle) => {
    const { file, storage } = begun();
    meddle(`${file}-wal`);
    storage.recordRun(run('r2', START));
    vi.advanceTimersByTime(SECOND);
    expect(storage.health()).toMatchObject({ ok: false });
    expect(storage.health().evidence).toContain('was overwritten or cut');
  });
});

describe('with no space left', () => {
  afterEach(() => vi.useRealTimers());

  test("measuring goes on in memory and the system's refusal is shown", () => {
    // The system refuses this process any file beyond 400 KB; the storage cannot tell that from a full disk.
    const child = join(import.meta.dirname, 'children', 'fill.ts');
    const done = spawnSync(
      'sh',
      ['-c', 'ulimit -f 800; exec "$0" "$@"', process.execPath, child, tempFile()],
      {
        encoding: 'utf8',
      },
    );
    expect(done.stderr).toBe('');
    expect(JSON.parse(done.stdout)).toEqual({
      recorded: 20_000,
      readable: 20_000,
      ok: false,
      evidence: expect.stringMatching(
        /cannot be written since .*: (database or disk is full|disk I\/O error)/,
      ) as string,
      lost: 0,
    });
  });
});
