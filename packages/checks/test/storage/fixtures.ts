import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { silent } from '../../src/log.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { OpenOptions } from '../../src/storage/opening.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';
import { START, storageConfig } from './nouns.ts';

export * from './nouns.ts';

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-storage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function tempFile(): string {
  return join(tempFolder(), 'lockstep.db');
}

/** A storage that the test's end closes, on a clock that stands at START unless `now` says otherwise. */
export function open(file = ':memory:', options: Partial<OpenOptions> = {}): MetricsStorage {
  const storage = openStorage(storageConfig(file), { log: silent, now: () => START, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

/** What the file holds, seen by somebody else's connection. */
export function rowsInFile(file: string, table: string): number {
  const other = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(other.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  } finally {
    other.close();
  }
}

/** Somebody's tool that holds the file's write lock. Answers how to let go. */
export function holdWriteLock(file: string): () => void {
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  onTestFinished(() => {
    if (other.isOpen) other.close();
  });
  return () => other.close();
}
