import { expect, test } from 'vitest';
import { greetedVersion } from '../../src/server/greeting.ts';

const packet = (protocol: number, text: string) =>
  Buffer.concat([Buffer.from([74, 0, 0, 0, protocol]), Buffer.from(text, 'latin1')]);

test('a greeting tells the version, and nothing that would break a line', () => {
  expect(greetedVersion(packet(10, '8.4.3\0rest'))).toBe('8.4.3');
  expect(greetedVersion(packet(10, '5.5.5-10.11.19-MariaDB-log\0'))).toBe('5.5.5-10.11.19-MariaDB-log');
  expect(greetedVersion(packet(10, '8.4.3\n\x1b[2J\0'))).toMatch(/^[\P{Cc}]+$/u);
});

test('what is none, or is in pieces, tells nothing', () => {
  expect(greetedVersion(packet(255, 'Too many connections\0'))).toBeNull();
  expect(greetedVersion(packet(10, '8.4'))).toBeNull();
  expect(greetedVersion(packet(10, '\0'))).toBeNull();
  expect(greetedVersion(Buffer.alloc(0))).toBeNull();
});
