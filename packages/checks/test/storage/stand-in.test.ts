import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { openStorageOrGoOn } from '../../src/storage/open.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';
import {
  alert,
  auditEntry,
  difference,
  event,
  HOUR,
  lagSample,
  open,
  result,
  rowsInFile,
  run,
  START,
  storageConfig,
  tempFile,
} from './fixtures.ts';

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  return () => vi.useRealTimers();
});

function goOn(file: string): MetricsStorage {
  const storage = openStorageOrGoOn(storageConfig(file), { log: silent });
  onTestFinished(() => storage.close());
  return storage;
}

/** A sound file of an earlier process, with something of everything. */
function earlier(): string {
  const file = tempFile();
  const storage = open(file);
  storage.setPaused('orders', true);
  storage.recordServer('db1', { identity: 'first', replaced: null });
  storage.recordAlert(alert('a1', START - MINUTE));
  storage.recordRun(run('r1', START - MINUTE));
  storage.recordResult(result('r1', START - MINUTE, { rows: [difference(1), difference(2)] }));
  storage.close();
  return file;
}

/** Nobody can read or write it until the answer is called. */
function lock(file: string): () => void {
  const other = new DatabaseSync(file);
  other.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  onTestFinished(() => {
    if (other.isOpen) other.close();
  });
  return () => other.close();
}

describe('a file that could not be used at the start', () => {
  test('is gone on with as soon as it can be, together with what happened meanwhile', async () => {
    const file = earlier();
    const letGo = lock(file);
    const storage = goOn(file);
    expect([storage.knowsBefore, storage.pausedPairs()]).toEqual([false, []]);
    expect(storage.health().evidence).toMatch(/locked.*nothing of before is known.*it is tried again/);

    storage.setPaused('other', true);
    storage.recordServer('db1', { identity: 'second', replaced: null });
    storage.recordServer('db2', { identity: 'new', replaced: null });
    storage.recordAlert(alert('a2', START));
    storage.recordRun(run('r2', START));
    storage.recordEvent(event('e1', START));
    storage.recordAudit(auditEntry('d1', START));
    storage.recordResult(result('r2', START, { rows: [difference(3)] }));
    storage.recordLag(lagSample(START, 100));
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(storage.health()).toMatchObject({ ok: false, file: ':memory:' });
    storage.recordLag(lagSample(START + 10 * MINUTE, 200));

    const reopened = vi.fn(() => expect(storage.pausedPairs()).toEqual(['orders', 'other']));
    storage.onReopened(reopened);
    letGo();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(reopened).toHaveBeenCalledTimes(1);
    expect(storage.health()).toMatchObject({ ok: true, file });
    expect(storage.knowsBefore).toBe(true);
    // Which server was known is what the file said.
    expect([...storage.knownServers()].map(([name, { identity }]) => [name, identity])).toEqual([
      ['db1', 'first'],
      ['db2', 'new'],
    ]);
    expect(storage.openAlerts().map(({ id }) => id)).toEqual(['a1', 'a2']);
    storage.close();
    expect(rowsInFile(file, 'run')).toBe(2);
    expect(rowsInFile(file, 'event')).toBe(1);
    expect(rowsInFile(file, 'audit')).toBe(1);
    expect(rowsInFile(file, 'lag')).toBe(2);
    expect(rowsInFile(file, 'lag_minute')).toBe(2);
    expect(rowsInFile(file, 'result')).toBe(1);
    expect(rowsInFile(file, 'result_line')).toBe(2);
    expect(rowsInFile(file, 'difference')).toBe(1);
  });

  test('is begun anew where the damaged one was moved away', async () => {
    const file = tempFile();
    writeFileSync(file, 'these are my notes, and they are longer than a header. '.repeat(200));
    const storage = goOn(file);
    storage.recordRun(run('r1', START));
    expect(storage.knowsBefore).toBe(false);
    renameSync(file, `${file}.bad`);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(storage.health()).toMatchObject({ ok: true, file });
    storage.close();
    expect(rowsInFile(file, 'run')).toBe(1);
  });

  test('tells what it says of before where it can be read', async () => {
    const file = earlier();
    rmSync(`${file}-lock`);
    // Nothing can be made where a folder stands in the way: the lock neither.
    mkdirSync(`${file}-lock`);
    const storage = goOn(file);
    expect(storage.knowsBefore).toBe(true);
    expect(storage.health().evidence).toContain('what it says of before is known');
    expect(storage.pausedPairs()).toEqual(['orders']);
    expect(storage.openAlerts().map(({ id }) => id)).toEqual(['a1']);
    expect(storage.results('orders')).toHaveLength(1);
    storage.setPaused('orders', false);
    storage.recordServer('db1', { identity: 'second', replaced: null });
    rmSync(`${file}-lock`, { recursive: true });
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(storage.health()).toMatchObject({ ok: true, file });
    expect(storage.pausedPairs()).toEqual([]);
    expect(storage.knownServers().get('db1')?.identity).toBe('second');
    storage.close();
    expect(rowsInFile(file, 'difference')).toBe(2);
  });

  test('is tried no more once the storage is closed, and is left to others', async () => {
    const file = earlier();
    const letGo = lock(file);
    const storage = goOn(file);
    storage.close();
    letGo();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(open(file).pausedPairs()).toEqual(['orders']);
  });

  test('was nothing to be known from where there was none', () => {
    const file = tempFile();
    mkdirSync(`${file}-lock`);
    expect(goOn(file).knowsBefore).toBe(true);
  });
});

describe('while a file cannot be used', () => {
  const key = ['orders', 'checksum', 'shop', 'orders'] as const;

  test('what was found of a table before is known, with its rows, however long ago that was', async () => {
    const file = tempFile();
    const before = open(file, { now: () => START - 20 * HOUR });
    before.recordResult(result('r1', START - 20 * HOUR, { verdict: 'DIFFERENT', rows: [difference(1)] }));
    before.close();
    rmSync(`${file}-lock`);
    mkdirSync(`${file}-lock`);
    const storage = goOn(file);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(storage.result(...key)?.verdict).toBe('DIFFERENT');
    expect(storage.differences(...key, { limit: 9 }).items).toEqual([difference(1)]);
  });

  test('what is forgotten stays forgotten when it can be used again, unless it was found again', async () => {
    const file = earlier();
    rmSync(`${file}-lock`);
    mkdirSync(`${file}-lock`);
    const storage = goOn(file);
    const other = { schema: 'shop', table: 'other' };
    storage.forgetResults('orders', { schema: 'shop', table: 'orders' });
    storage.forgetResults('orders', other);
    storage.flush();
    storage.recordResult(result('r2', START, other));
    rmSync(`${file}-lock`, { recursive: true });
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(storage.health()).toMatchObject({ ok: true, file });
    storage.close();
    const again = open(file);
    expect(again.results('orders').map(({ table }) => table)).toEqual(['other']);
    expect(again.differences(...key, { limit: 9 }).items).toEqual([]);
  });
});
