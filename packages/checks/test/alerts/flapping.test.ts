import { expect, test } from 'vitest';
import { Flapping } from '../../src/alerts/flapping.ts';
import { HOUR, MINUTE } from './fixtures.ts';

test('what came four times within the last hour flaps, from the fourth time on', () => {
  const flapping = new Flapping();
  const said = [0, 1, 2, 3, 4].map((n) => {
    flapping.came('a', n * MINUTE);
    return flapping.timesOf('a', n * MINUTE);
  });
  expect(said).toEqual([null, null, null, 4, 5]);
  expect(flapping.timesOf('b', 4 * MINUTE)).toBeNull();
});

test('what came an hour ago counts no more, to the millisecond', () => {
  const flapping = new Flapping();
  for (const minute of [0, 1, 2, 3]) flapping.came('a', HOUR + minute * MINUTE);
  expect(flapping.timesOf('a', 2 * HOUR - 1)).toBe(4);
  expect(flapping.timesOf('a', 2 * HOUR)).toBeNull();
  flapping.came('a', 2 * HOUR);
  expect(flapping.timesOf('a', 2 * HOUR)).toBe(4);
});

test('of thousands of conditions that came once nothing is remembered after an hour', () => {
  const flapping = new Flapping();
  for (let n = 0; n < 20_000; n++) flapping.came(String(n), 0);
  for (const at of [0, 30 * MINUTE, 31 * MINUTE, 32 * MINUTE]) flapping.came('a', at);
  flapping.came('other', HOUR);
  flapping.came('a', HOUR + 1);
  // What came since is not forgotten with them.
  expect(flapping.timesOf('a', HOUR + 1)).toBe(4);
});
