import { expect, test } from 'vitest';
import { ranBeside, runningFrom } from '../../src/server/running.ts';
import type { SqlRow } from '../../src/server/sql-server.ts';

const of = (startedAt: number, upSeconds: number) => ({ startedAt, upSeconds });
const before = of(1000, 500);

test('when a process started is told by its clock and for how long it has been up', () => {
  const said = (uptime: unknown, began: unknown, ended: unknown) =>
    runningFrom([{ uptime, began, ended }] as SqlRow[]);
  expect(said('100', 1_700_000_000.25, '1700000000.26')).toEqual(of(1_699_999_900.25, 100));
  expect(said('100', null, '1700000000.26')).toBeNull();
  expect(said(undefined, '1700000000.25', '1700000000.25')).toBeNull();
  expect(runningFrom([])).toBeNull();
  // It stood still meanwhile: when it read what it had been up for, nobody knows.
  expect(said('100', '1700000000.25', '1700000003.25')).toBeNull();
});

test('what is no moment of any clock, and no number that one draws, tells nothing', () => {
  const said = (uptime: string, began: string, drawn = '1') =>
    runningFrom([{ uptime, began, ended: began, drawn }]);
  expect(said('9e300', '1700000000')).toBeNull();
  expect(said('1', '9e300')).toBeNull();
  expect(said('1', '1700000000', '9'.repeat(1_000_000))).toEqual(of(1_699_999_999, 1));
});

test('a process that was up while another answered ran beside it', () => {
  expect(ranBeside(before, of(1400, 110), 100_000)).toBe(true);
  expect(ranBeside(before, of(700, 810), 10_000)).toBe(true);
});

test('one that started when the other was silent may be the other, started again', () => {
  expect(ranBeside(before, of(1504, 6), 10_000)).toBe(false);
  // Each is told to within a second.
  expect(ranBeside(before, of(1504, 6), 4000)).toBe(false);
  expect(ranBeside(before, of(1504, 6), 3999)).toBe(true);
});

test('one that started when the other did is the other, whatever its clock was moved by since', () => {
  expect(ranBeside(before, of(1000, 90_000), 0)).toBe(false);
  expect(ranBeside(before, of(1002, 500), 0)).toBe(false);
  expect(ranBeside(before, of(998, 500), 0)).toBe(false);
  expect(ranBeside(before, of(1002.5, 500), 0)).toBe(true);
});

const drawn = (number: bigint, fromMs: number, toMs = fromMs + 1) => ({ number, fromMs, toMs });
const second = 2n ** 24n;

test('of two that were started together, the other one is told by the numbers that each gives once', () => {
  const one = { ...before, drawn: drawn(5n * second + 7n, 0) };
  const beside = (number: bigint, fromMs: number, toMs?: number) =>
    ranBeside(one, { ...of(1000, 500), drawn: drawn(number, fromMs, toMs) }, 0);
  expect(beside(5n * second + 8n, 10)).toBe(false);
  expect(beside(5n * second + 6n, 10)).toBe(true);
  expect(beside(5n * second + 7n, 10)).toBe(true);
  expect(beside(6n * second + 7n, 10)).toBe(true);
  expect(beside(4n * second + 7n, 10)).toBe(true);
  // Asked for at the same time, either may have been the first.
  expect(beside(5n * second + 6n, 0.5)).toBe(false);
  expect(beside(5n * second + 8n, -10, -5)).toBe(true);
  expect(ranBeside(one, of(1000, 500), 0)).toBe(false);
});

test('one that was started in the next second, and gave fewer numbers since, is another', () => {
  const one = { ...before, drawn: drawn(5n * second + 1000n, 0) };
  expect(ranBeside(one, { ...of(1001, 499), drawn: drawn(6n * second + 7n, 10) }, 0)).toBe(true);
  expect(ranBeside(one, { ...of(1000, 500), drawn: drawn(5n * second + 100_000n, 10) }, 0)).toBe(false);
});

test('in a long time an application may draw as many numbers as lie between two starts', () => {
  const one = { ...before, drawn: drawn(5n * second, 0) };
  const later = (seconds: number) =>
    ranBeside(one, { ...of(1000, 500 + seconds), drawn: drawn(6n * second, seconds * 1000) }, 0);
  expect(later(120)).toBe(true);
  expect(later(121)).toBe(false);
});
