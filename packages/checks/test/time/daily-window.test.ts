import { describe, expect, test } from 'vitest';
import { closesAt, type DailyWindow, describeWindow, isOpen, opensAt } from '../../src/time/daily-window.ts';

const hours = (from: number, to: number, timeZone: string | null): DailyWindow => ({
  from: from * 60,
  to: to * 60,
  timeZone,
});
const at = (text: string) => new Date(`${text}Z`);

/** When it is open from that time on, one opening after another. */
function openings(window: DailyWindow, from: string, count: number): string[] {
  const found = [];
  let now = at(from);
  for (let i = 0; i < count; i++) {
    const opens = opensAt(window, now);
    const closes = closesAt(window, opens);
    found.push(`${opens.toISOString().slice(5, 16)} to ${closes.toISOString().slice(5, 16)}`);
    now = closes;
  }
  return found;
}

test('a window is open from its first minute until its last one is over, every day', () => {
  const window = hours(2, 5, 'UTC');
  expect(describeWindow(window)).toBe('02:00–05:00 UTC');
  const moments = ['01:59:59.999', '02:00:00', '04:59:59.999', '05:00:00'];
  expect(moments.map((time) => isOpen(window, at(`2026-01-02T${time}`)))).toEqual([false, true, true, false]);
  expect(openings(window, '2026-01-02T04:30', 2)).toEqual([
    '01-02T04:30 to 01-02T05:00',
    '01-03T02:00 to 01-03T05:00',
  ]);
});

test('a window whose end is the earlier one goes over midnight', () => {
  const night = hours(22, 4, 'UTC');
  expect(openings(night, '2026-01-02T12:00', 2)).toEqual([
    '01-02T22:00 to 01-03T04:00',
    '01-03T22:00 to 01-04T04:00',
  ]);
  expect(openings(hours(22, 0, 'UTC'), '2026-01-02T12:00', 1)).toEqual(['01-02T22:00 to 01-03T00:00']);
});

describe('by the clock on the wall, in Berlin', () => {
  test('a window begins and ends when clocks there show it, in summer and in winter', () => {
    const window = hours(2, 5, 'Europe/Berlin');
    expect(openings(window, '2026-01-02T12:00', 1)).toEqual(['01-03T01:00 to 01-03T04:00']);
    expect(openings(window, '2026-07-02T12:00', 1)).toEqual(['07-03T00:00 to 07-03T03:00']);
  });

  test('in the night without an hour it begins where that hour would have been', () => {
    expect(openings(hours(2, 5, 'Europe/Berlin'), '2026-03-28T12:00', 2)).toEqual([
      '03-29T01:00 to 03-29T03:00',
      '03-30T00:00 to 03-30T03:00',
    ]);
  });

  test('a window that is this very hour does not open in that night', () => {
    expect(openings(hours(2, 3, 'Europe/Berlin'), '2026-03-28T12:00', 1)).toEqual([
      '03-30T00:00 to 03-30T01:00',
    ]);
  });

  test('in the night with an hour twice it is open for as long as clocks show it', () => {
    expect(openings(hours(2, 5, 'Europe/Berlin'), '2026-10-24T12:00', 2)).toEqual([
      '10-25T00:00 to 10-25T04:00',
      '10-26T01:00 to 10-26T04:00',
    ]);
    expect(openings({ from: 120, to: 150, timeZone: 'Europe/Berlin' }, '2026-10-24T12:00', 3)).toEqual([
      '10-25T00:00 to 10-25T00:30',
      '10-25T01:00 to 10-25T01:30',
      '10-26T01:00 to 10-26T01:30',
    ]);
  });
});

test('where clocks are set by half an hour, and where a whole day is left out, it opens as they show', () => {
  expect(openings(hours(2, 5, 'Australia/Lord_Howe'), '2026-10-03T00:00', 1)).toEqual([
    '10-03T15:30 to 10-03T18:00',
  ]);
  expect(openings(hours(2, 5, 'Pacific/Apia'), '2011-12-29T20:00', 1)).toEqual([
    '12-30T12:00 to 12-30T15:00',
  ]);
});
