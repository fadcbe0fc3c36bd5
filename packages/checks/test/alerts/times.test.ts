import { expect, test } from 'vitest';
import { cronOf, Timetable } from '../../src/alerts/silences/times.ts';
import type { Silence } from '../../src/model/silence.ts';
import { HOUR, MINUTE, START } from './fixtures.ts';

const DAY = 24 * HOUR;
const at = (ms: number) => new Date(START + ms);
const table = (changes: Partial<Silence>) =>
  new Timetable({
    from: at(0),
    until: at(DAY),
    recurrence: null,
    endedAt: null,
    skippedUntil: null,
    ...changes,
  } as Silence);
const never = { activeUntil: null, nextFrom: null };
/** At noon, when `START` is. */
const noon = { cron: '0 12 * * *', timeZone: 'UTC', durationMs: HOUR };

test('what recurs lasts from a minute to a week, both included', () => {
  for (const durationMs of [MINUTE, 7 * DAY]) {
    expect(cronOf({ ...noon, durationMs }).nextRun()).not.toBeNull();
  }
  for (const durationMs of [MINUTE - 1, 7 * DAY + 1, NaN]) {
    expect(() => cronOf({ ...noon, durationMs })).toThrow('from 1 minute to 7 days');
  }
});

test('a pattern of five fields may have more space than it needs, and a zone that is mistyped is named', () => {
  expect(cronOf({ ...noon, cron: ' 0  12 * * * ' }).nextRun()).not.toBeNull();
  expect(() => cronOf({ ...noon, timeZone: 'Mars/Olympus' })).toThrow(
    '"0 12 * * *" in the time zone Mars/Olympus never comes',
  );
  expect(() => cronOf({ ...noon, cron: '0 2 31 2 *', timeZone: null })).toThrow('"0 2 31 2 *" never comes');
});

test('a silence that is for once holds from its beginning until its end', () => {
  const once = table({});
  expect(once.at(at(-1))).toEqual({ activeUntil: null, nextFrom: at(0) });
  expect(once.at(at(0))).toEqual({ activeUntil: at(DAY), nextFrom: null });
  expect(once.at(at(DAY - 1))).toEqual({ activeUntil: at(DAY), nextFrom: null });
  expect(once.at(at(DAY))).toEqual(never);
  expect(table({ endedAt: at(1) }).at(at(2))).toEqual(never);
});

test('one that was skipped before it began comes all the same, one that was skipped in its time does not', () => {
  expect(table({ skippedUntil: at(-1) }).at(at(1)).activeUntil).toEqual(at(DAY));
  expect(table({ skippedUntil: at(0) }).at(at(1))).toEqual(never);
});

test('what recurs ends with its last time, and is cut short by its end', () => {
  const recurring = table({ recurrence: noon, until: at(DAY + HOUR / 2) });
  expect(recurring.at(at(HOUR))).toEqual({ activeUntil: null, nextFrom: at(DAY) });
  expect(recurring.at(at(DAY))).toEqual({ activeUntil: at(DAY + HOUR / 2), nextFrom: null });
  // The time that would begin with the end is none.
  expect(table({ recurrence: noon, until: at(DAY) }).at(at(HOUR))).toEqual(never);
  expect(table({ recurrence: noon, until: at(HOUR * 2) }).at(at(HOUR))).toEqual(never);
});

test('times are reckoned anew when they change alone: what is told of them is the same until then', () => {
  const once = table({});
  const now = once.at(at(0));
  expect(once.at(at(HOUR))).toBe(now);
  expect(once.at(at(0))).toBe(now);
  expect(once.at(at(-1))).not.toBe(now);
});
