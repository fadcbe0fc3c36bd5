import { expect, test } from 'vitest';
import { ColdTables } from '../../src/verify/run/cold-tables.ts';

test('what is remembered of a table is not said of one whose names look the same once they are put together', () => {
  const cold = new ColdTables(3_600_000);
  const stamp = { written: 100, asked: 200, seen: 50 };
  const match = { source: stamp, target: stamp, signature: 's', comparedAt: new Date(), rows: 1 };
  const stamps = { source: stamp, target: stamp };
  cold.remember('checksum', { schema: 'a', table: 'b.c' }, match);
  expect(cold.stillHolds('checksum', { schema: 'a.b', table: 'c' }, 's', stamps)).toBeNull();
  expect(cold.stillHolds('checksum', { schema: 'a', table: 'b.c' }, 's', stamps)).toBe(match);
});
