import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openStorage, openStorageOrGoOn, silent } from '@lockstep/checks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sessionLifetimeMs, Sessions } from '../../src/http/auth/sessions.ts';
import { Tokens } from '../../src/http/auth/tokens.ts';
import { writeFiles } from '../config/write.ts';

const token = { name: 'anna', role: 'operator', sha256: 'aa'.repeat(32) } as const;
const named = () => token;

test('a session ends by itself after a week', () => {
  let now = 0;
  const sessions = new Sessions(() => now);
  const id = sessions.begin(token);
  now = sessionLifetimeMs - 1;
  expect(sessions.find(id, named)).toBe(token);
  now = sessionLifetimeMs;
  expect(sessions.find(id, named)).toBeNull();
});

test('however often somebody signs in, a thousand sessions are kept, the latest ones', () => {
  const sessions = new Sessions();
  const ids = Array.from({ length: 1_001 }, () => sessions.begin(token));
  expect(new Set(ids).size).toBe(1_001);
  expect(sessions.find(ids[0]!, named)).toBeNull();
  expect(sessions.find(ids[1]!, named)).toBe(token);
  expect(sessions.find(ids[1_000]!, named)).toBe(token);
});

test('who signs in again and again signs nobody else out', () => {
  const sessions = new Sessions();
  const operator = sessions.begin(token);
  for (let i = 0; i < 2_000; i++) sessions.begin({ ...token, name: 'viewer' });
  expect(sessions.find(operator, named)).toBe(token);
});

test('a token is known by its hash alone, and the hash is no token', () => {
  const sha256 = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
  const tokens = new Tokens([token, { ...token, name: 'secret', sha256 }]);
  expect(tokens.find('secret')?.name).toBe('secret');
  expect(tokens.find(sha256)).toBeNull();
  expect(tokens.find('aa'.repeat(32))).toBeNull();
});

test('who signed in is signed in after a restart, while the token is the same; who signed out is not', () => {
  const file = join(writeFiles({}), 'history.db');
  const config = { file, rawLagMs: 86_400_000, minuteLagMs: 86_400_000, historyMs: 86_400_000 };
  const open = () => openStorage(config, { log: silent });
  const first = open();
  const before = new Sessions(Date.now, first);
  const [stays, leaves] = [before.begin(token), before.begin(token)];
  before.end(leaves);
  first.close();

  const second = open();
  const after = new Sessions(Date.now, second);
  expect(after.find(stays, named)).toBe(token);
  expect(after.find(leaves, named)).toBeNull();
  expect(after.find(stays, () => null)).toBeNull();
  expect(after.find(stays, () => ({ ...token, sha256: 'bb'.repeat(32) }))).toBeNull();
  second.close();
});

test('who signed out while the history could not be used stays signed out when it can be again', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const file = join(writeFiles({}), 'history.db');
  const config = { file, rawLagMs: 86_400_000, minuteLagMs: 86_400_000, historyMs: 86_400_000 };
  const first = openStorage(config, { log: silent });
  const id = new Sessions(Date.now, first).begin(token);
  first.close();

  // It can be read, and not be locked: a folder stands in the way.
  rmSync(`${file}-lock`, { force: true });
  mkdirSync(`${file}-lock`);
  const storage = openStorageOrGoOn(config, { log: silent });
  onTestFinished(() => storage.close());
  const sessions = new Sessions(Date.now, storage);
  expect(sessions.find(id, named)).toBe(token);
  sessions.end(id);
  await vi.advanceTimersByTimeAsync(60_000);
  rmSync(`${file}-lock`, { recursive: true });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(storage.health()).toMatchObject({ ok: true, file });
  expect(sessions.find(id, named)).toBeNull();
  storage.close();

  const later = openStorage(config, { log: silent });
  onTestFinished(() => later.close());
  expect(new Sessions(Date.now, later).find(id, named)).toBeNull();
});

test('what the store keeps of a session signs nobody in', () => {
  const folder = writeFiles({});
  const config = { file: join(folder, 'history.db'), rawLagMs: 1e9, minuteLagMs: 1e9, historyMs: 1e9 };
  const storage = openStorage(config, { log: silent });
  const sessions = new Sessions(Date.now, storage);
  const id = sessions.begin(token);
  storage.flush();
  const kept = storage.sessions();
  const written = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  storage.close();
  expect(kept).toHaveLength(1);
  expect(written.join('')).toContain(kept[0]!.hash);
  for (const secret of [id, token.sha256]) expect(written.join('')).not.toContain(secret);
  for (const value of [kept[0]!.hash, kept[0]!.bound]) expect(sessions.find(value, named)).toBeNull();
  expect(kept[0]!.bound).not.toContain(createHash('sha256').update(token.sha256).digest('base64'));
});
