import { expect, test } from 'vitest';
import type { StandingResult } from '../../src/alerts/condition/snapshot.ts';
import { dueAgain } from '../../src/alerts/rules/due.ts';
import type { CheckConfig, PairConfig } from '../../src/config.ts';

/** When a table that was verified at noon is due again. */
function dueAfterNoon(check: Partial<CheckConfig>): string | undefined {
  const result = { check: 'checksum', finishedAt: new Date('2026-01-02T12:00:00Z') } as StandingResult;
  const checksum = { enabled: true, schedule: { everyMs: 3_600_000 }, method: 'rows', ...check };
  return dueAgain(result, { checks: { checksum } } as PairConfig)
    ?.toISOString()
    .slice(5, 16);
}

test('a table is due again when its check is, by the clock of its time zone', () => {
  expect(dueAfterNoon({})).toBe('01-02T13:00');
  expect(dueAfterNoon({ schedule: { cron: '0 3 * * *', timeZone: 'Asia/Tokyo' } })).toBe('01-02T18:00');
  expect(dueAfterNoon({ enabled: false })).toBeUndefined();
});

test('where its check has a window, a table has time until the one in which it is due is over', () => {
  const window = { from: 120, to: 300, timeZone: 'UTC' };
  expect(dueAfterNoon({ window })).toBe('01-03T05:00');
  expect(dueAfterNoon({ window, schedule: { cron: '0 3 4 * *', timeZone: 'UTC' } })).toBe('01-04T05:00');
});
