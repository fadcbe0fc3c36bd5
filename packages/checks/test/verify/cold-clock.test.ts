import { expect, test } from 'vitest';
import { ColdTables } from '../../src/verify/run/cold-tables.ts';

test('a full pass is due though the clock was set back since the last', () => {
  const cold = new ColdTables(3_600_000);
  const name = { schema: 's', table: 't' };
  const seen = performance.now() / 1000 - 3600;
  const before = { written: 10_000, asked: 10_005, seen };
  const comparedAt = new Date(Date.now() + 86_400_000);
  cold.remember('checksum', name, { source: before, target: before, signature: '', comparedAt, rows: 1 });
  const now = { written: 10_000, asked: 13_605, seen: seen + 3600 };
  expect(cold.stillHolds('checksum', name, '', { source: now, target: now })).toBeNull();
});

test('a table is not known to be as it was when the clock that says when it was written was set meanwhile', () => {
  const cold = new ColdTables(3_600_000);
  const name = { schema: 's', table: 't' };
  const before = { written: 10_000, asked: 10_005, seen: 50 };
  const match = { source: before, target: before, signature: '', comparedAt: new Date(), rows: 1 };
  cold.remember('checksum', name, match);
  const later = { written: 10_000, asked: 10_605, seen: 650 };
  // A write in between may have got the second of the one before.
  const setBack = { ...later, asked: 10_000 };
  expect(cold.stillHolds('checksum', name, '', { source: later, target: later })).toBe(match);
  expect(cold.stillHolds('checksum', name, '', { source: setBack, target: later })).toBeNull();
  expect(cold.stillHolds('checksum', name, '', { source: later, target: setBack })).toBeNull();
});
