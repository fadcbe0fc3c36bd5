import { expect, test } from 'vitest';
import { ranBeside, runningFrom } from '../../src/server/running.ts';

const of = (startedAt: number, upSeconds: number) => ({ startedAt, upSeconds });
const before = of(1000, 500);

test('when a process started is told by its clock and for how long it has been up', () => {
  const said = (...parts: [string, string][]) => runningFrom(new Map(parts));
  expect(said(['timestamp', '1700000000.25'], ['Uptime', '100'])).toEqual(of(1_699_999_900.25, 100));
  expect(said(['timestamp', '1700000000.25'])).toBeNull();
  expect(said(['Uptime', '100'])).toBeNull();
  expect(said(['timestamp', ''], ['Uptime', '100'])).toBeNull();
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
