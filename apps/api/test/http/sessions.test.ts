import { expect, test } from 'vitest';
import { sessionLifetimeMs, Sessions } from '../../src/http/auth/sessions.ts';
import { Tokens } from '../../src/http/auth/tokens.ts';

const token = { name: 'anna', role: 'operator', sha256: 'aa'.repeat(32) } as const;

test('a session ends by itself after a week', () => {
  let now = 0;
  const sessions = new Sessions(() => now);
  const id = sessions.begin(token);
  now = sessionLifetimeMs - 1;
  expect(sessions.find(id)).toBe(token);
  now = sessionLifetimeMs;
  expect(sessions.find(id)).toBeNull();
});

test('however often somebody signs in, a thousand sessions are kept, the latest ones', () => {
  const sessions = new Sessions();
  const ids = Array.from({ length: 1_001 }, () => sessions.begin(token));
  expect(new Set(ids).size).toBe(1_001);
  expect(sessions.find(ids[0]!)).toBeNull();
  expect(sessions.find(ids[1]!)).toBe(token);
  expect(sessions.find(ids[1_000]!)).toBe(token);
});

test('who signs in again and again signs nobody else out', () => {
  const sessions = new Sessions();
  const operator = sessions.begin(token);
  for (let i = 0; i < 2_000; i++) sessions.begin({ ...token, name: 'viewer' });
  expect(sessions.find(operator)).toBe(token);
});

test('a token is known by its hash alone, and the hash is no token', () => {
  const sha256 = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
  const tokens = new Tokens([token, { ...token, name: 'secret', sha256 }]);
  expect(tokens.find('secret')?.name).toBe('secret');
  expect(tokens.find(sha256)).toBeNull();
  expect(tokens.find('aa'.repeat(32))).toBeNull();
});
