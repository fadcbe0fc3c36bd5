import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { Database } from '../../src/storage/database.ts';
import { inspectStorage } from '../../src/storage/inspect.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import { openStorageOrGoOn } from '../../src/storage/open.ts';
import { WriteBuffer } from '../../src/storage/write-buffer.ts';
import {
  alert,
  auditEntry,
  open,
  rowsInFile,
  run,
  START,
  storageConfig,
  tempFile,
  tempFolder,
} from './fixtures.ts';

function storageError(code: string): Error {
  return expect.objectContaining({ name: 'StorageError', code }) as Error;
}

test('the folder is made, and the file is for its owner alone', () => {
  const file = join(tempFolder(), 'var', 'lib', 'lockstep.db');
  open(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a folder that cannot be made is named, with the system's words and the remedy", () => {
  const file = join(tempFolder(), 'not-a-folder', 'lockstep.db');
  writeFileSync(dirname(file), '');
  expect(() => open(file)).toThrow(storageError('unusable'));
  expect(() => open(file)).toThrow(/lockstep\.db.*(ENOTDIR|EEXIST).*storage\.file must be in a folder/);
});

test.each([
  ['a pipe', (file: string) => execFileSync('mkfifo', [file])],
  ['a folder', (file: string) => mkdirSync(file)],
])('in the place of the file or of one beside it stands %s: nobody waits for it', (what, make) => {
  for (const ending of ['', '-wal', '-journal', '-lock']) {
    const file = tempFile();
    if (ending !== '') open(file).close();
    rmSync(file + ending, { force: true });
    make(file + ending);
    expect(inspectStorage(storageConfig(file))).toContain(`${file}${ending} is ${what}`);
    const storage = openStorageOrGoOn(storageConfig(file), { log: silent });
    expect(storage.health()).toMatchObject({ ok: false });
    expect(storage.health().evidence).toContain(`${file}${ending} is ${what}`);
    storage.close();
  }
});

test.each([0, 1])('a history that was cut to %i bytes is not taken for a new one without a word', (bytes) => {
  const file = tempFile();
  open(file).close();
  truncateSync(file, bytes);
  const words = /it is empty .*, and held a history before.*move it away/;
  expect(inspectStorage(storageConfig(file))).toMatch(words);
  const storage = openStorageOrGoOn(storageConfig(file), { log: silent });
  expect([storage.health().ok, storage.knowsBefore]).toEqual([false, false]);
  expect(storage.health().evidence).toMatch(words);
  storage.close();
  expect(statSync(file).size).toBe(bytes);

  // Moved away, it is nothing that anybody misses.
  renameSync(file, `${file}.old`);
  expect(inspectStorage(storageConfig(file))).toBeNull();
  open(file).close();
});

test('a file that was never more than made is a new one', () => {
  const file = tempFile();
  writeFileSync(file, '');
  expect(inspectStorage(storageConfig(file))).toBeNull();
  expect(open(file).health().ok).toBe(true);
});

describe('a log of writes that is left behind by a kill', () => {
  const killed = (meddle: (log: Buffer) => void) => {
    const file = tempFile();
    const whole = tempFile();
    const storage = open(whole);
    for (let n = 0; n < 50; n++) {
      storage.recordRun(run(`r${n}`, START));
      storage.flush();
    }
    for (const ending of ['', '-wal', '-lock']) copyFileSync(whole + ending, file + ending);
    const log = readFileSync(`${file}-wal`);
    meddle(log);
    writeFileSync(`${file}-wal`, log);
    const said: string[] = [];
    const error = (_: object, words: string) => void said.push(words);
    const again = open(file, { log: { ...silent, error } });
    expect(again.health().ok).toBe(true);
    return { said, runs: again.runs({}, { limit: 1 }).total };
  };

  test('is read to its end, and nothing is said', () => {
    expect(killed(() => {})).toEqual({ said: [], runs: 50 });
  });

  test.each([
    ['a page', (log: Buffer) => log.fill(7, 32 + 20 * 4120 + 500, 32 + 20 * 4120 + 600)],
    ['what is written before a page', (log: Buffer) => log.fill(7, 32 + 20 * 4120, 32 + 20 * 4120 + 24)],
    ['its head', (log: Buffer) => log.fill(7, 0, 32)],
  ])('and damaged in %s costs what came after, which is said', (_, meddle) => {
    const { said, runs } = killed(meddle);
    expect(runs).toBeLessThan(50);
    expect(said).toEqual([
      expect.stringMatching(/log of writes .* is damaged: .* is lost, \d+ of \d+ pages/),
    ]);
  });
});

test('a file of a newer Lockstep is refused, naming both versions and the remedy, and stays as it is', () => {
  const file = tempFile();
  open(file).close();
  const other = new DatabaseSync(file);
  other.exec('PRAGMA user_version = 99; PRAGMA journal_mode = DELETE');
  other.close();
  const before = readFileSync(file);

  expect(() => open(file)).toThrow(storageError('newer'));
  expect(() => open(file)).toThrow(
    new RegExp(
      `schema version 99, this program knows up to ${migrations.length}; run the newer Lockstep, or`,
    ),
  );
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('the database of another program is refused and stays as it is', () => {
  const file = tempFile();
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE bookmarks (url TEXT)');
  other.close();
  const before = readFileSync(file);

  expect(() => open(file)).toThrow(storageError('foreign'));
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(existsSync(`${file}-wal`)).toBe(false);
});

test("a file that is no database is refused with the database's words", () => {
  const file = tempFile();
  writeFileSync(
    file,
    'these are my notes, and they are longer than a header of a hundred bytes. '.repeat(20),
  );
  expect(() => open(file)).toThrow(/file is not a database/);
});

test('a file of an older version is migrated step by step and keeps what it holds', () => {
  const file = tempFile();
  const storage = open(file);
  storage.recordRun(run('r1', START));
  storage.close();

  const db = new Database(file);
  const newer = [...migrations, 'ALTER TABLE run ADD COLUMN note TEXT', "UPDATE run SET note = 'kept'"];
  migrate(db, newer);
  expect(db.get('PRAGMA user_version')).toEqual({ user_version: newer.length });
  expect(db.get('SELECT id, note FROM run')).toEqual({ id: 'r1', note: 'kept' });
  // The buffer follows the migrated shape.
  const buffer = new WriteBuffer(db);
  db.run("INSERT INTO temp.new_run VALUES ('r2', 'orders', 'checksum', 1, 2, '{}', 'new')");
  buffer.flush();
  expect(db.get("SELECT note FROM main.run WHERE id = 'r2'")).toEqual({ note: 'new' });
  db.close();
});

test('a file of every released version opens', () => {
  for (let version = 1; version < migrations.length; version++) {
    const file = tempFile();
    const db = new Database(file);
    migrate(db, migrations.slice(0, version));
    db.close();
    const storage = open(file);
    storage.recordRun(run('r1', START));
    storage.close();
    expect(rowsInFile(file, 'run')).toBe(1);
  }
});

test('an entry that the disk damaged keeps no file from being brought up to date, and what others did is found', () => {
  const file = tempFile();
  const db = new Database(file);
  migrate(db, migrations.slice(0, 8));
  const body = JSON.stringify({ ...auditEntry('1', START, { action: 'startRun' }), at: START });
  db.run('INSERT INTO audit VALUES (?, ?, ?, ?)', '1', START, 'anna', body);
  db.run("INSERT INTO audit VALUES ('2', 2, 'anna', '{torn')");
  db.close();
  const storage = open(file);
  expect(storage.audit({ action: 'startRun' }, { limit: 5 }).items).toMatchObject([{ id: '1' }]);
  storage.close();
});

test('a migration that fails leaves the file at the version before it', () => {
  const file = tempFile();
  open(file).close();
  const db = new Database(file);
  const broken = 'CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1)';
  expect(() => migrate(db, [...migrations, broken])).toThrow(/nowhere/);
  expect(db.get('PRAGMA user_version')).toEqual({ user_version: migrations.length });
  expect(db.get("SELECT name FROM sqlite_schema WHERE name = 'half'")).toBeUndefined();
  db.close();
});

test('one file serves one Lockstep, by whichever link it is reached', () => {
  const file = tempFile();
  const link = join(tempFolder(), 'link.db');
  const first = open(file);
  symlinkSync(file, link);
  for (const path of [file, link]) expect(() => open(path)).toThrow(storageError('in-use'));
  expect(() => open(file)).toThrow(`process ${process.pid}`);

  // The refused attempts took nothing away from the first.
  first.recordRun(run('r1', START));
  first.close();
  expect(rowsInFile(file, 'run')).toBe(1);
  expect(open(link).run('r1')).not.toBeNull();
});

test('in memory nothing is left and nothing is locked', () => {
  const first = open(':memory:');
  first.recordRun(run('r1', START));
  expect(open(':memory:').run('r1')).toBeNull();
  expect(first.health()).toMatchObject({ ok: true, file: ':memory:', bytes: null });
});

describe('a file that cannot be used costs the history, and nothing else', () => {
  const garbage = () => {
    const file = tempFile();
    writeFileSync(file, 'these are my notes, and they are longer than a header. '.repeat(200));
    return file;
  };
  const unreachable = () => {
    const file = join(tempFolder(), 'not-a-folder', 'lockstep.db');
    writeFileSync(dirname(file), '');
    return file;
  };
  /** Its first page is sound, all others are noise. */
  const damaged = () => {
    const file = tempFile();
    const storage = open(file);
    for (let i = 0; i < 2_000; i++) storage.recordRun(run(`r${i}`, START));
    storage.close();
    const bytes = readFileSync(file);
    for (let i = 4096; i < bytes.length; i++) bytes[i] = (i * 7919) % 251;
    writeFileSync(file, bytes);
    return file;
  };
  const locked = () => {
    const file = tempFile();
    open(file).close();
    const other = new DatabaseSync(file);
    other.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    onTestFinished(() => other.close());
    return file;
  };

  test.each([
    ['no database', garbage, /file is not a database; the file is damaged, or no database: move it away/],
    [
      'out of reach',
      unreachable,
      /(ENOTDIR|EEXIST|EACCES).*storage\.file must be in a folder that Lockstep may write/,
    ],
    ['damaged', damaged, /malformed.*move it away/],
    ['locked', locked, /database is locked; another program holds it/],
  ])('%s', (_what, make, words) => {
    const file = make();
    const before = existsSync(file) ? readFileSync(file) : null;
    const storage = openStorageOrGoOn(storageConfig(file), { log: silent });
    onTestFinished(() => storage.close());
    // What a new process goes on from.
    expect([storage.openAlerts(), [...storage.openDeliveries()], storage.results('orders')]).toEqual([
      [],
      [],
      [],
    ]);
    expect([storage.pausedPairs(), storage.knownServers().size]).toEqual([[], 0]);
    expect(storage.silencedAlerts(new Date())).toEqual([]);
    expect(storage.health()).toMatchObject({ ok: false, evidence: expect.stringMatching(words) as string });
    expect(inspectStorage(storageConfig(file))).toMatch(words);
    storage.recordAlert(alert('a1', START));
    storage.flush();
    if (before && make !== damaged) expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a lock that is damaged is told as that, and the history is gone on with without it', async () => {
    const file = tempFile();
    open(file).close();
    writeFileSync(`${file}-lock`, 'no lock at all. '.repeat(1_000));
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const storage = openStorageOrGoOn(storageConfig(file), { log: silent });
    onTestFinished(() => storage.close());
    expect(storage.health().evidence).toContain(
      `its lock is damaged (file is not a database); move ${file}-lock away`,
    );
    rmSync(`${file}-lock`);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(storage.health()).toMatchObject({ ok: true, file });
  });

  test('a sound file, none at all, and one that is in use are nothing to complain of', () => {
    const file = tempFile();
    expect(inspectStorage(storageConfig(file))).toBeNull();
    const storage = open(file);
    expect(inspectStorage(storageConfig(file))).toBeNull();
    storage.close();
    expect(inspectStorage(storageConfig(file))).toBeNull();
  });

  test('one that is another’s is refused even so', () => {
    const file = tempFile();
    open(file);
    expect(() => openStorageOrGoOn(storageConfig(file), { log: silent })).toThrow(storageError('in-use'));
  });
});
