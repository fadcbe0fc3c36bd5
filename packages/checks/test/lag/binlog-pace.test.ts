import { expect, test } from 'vitest';
import { BinlogPace } from '../../src/lag/binlog-pace.ts';

function paced() {
  let now = 0;
  const pace = new BinlogPace({ now: () => now, wall: () => new Date(now) });
  return {
    pace,
    /** A look that begins at that time. */
    look: (at: number, tookMs: number, asked = true) => {
      now = at + tookMs;
      pace.looked(asked, at);
    },
    dueAt: (at: number) => {
      now = at;
      return pace.due;
    },
  };
}

test('a binlog is asked at once, and then once a second', () => {
  const { look, dueAt } = paced();
  expect(dueAt(0)).toBe(true);
  look(0, 10);
  expect(dueAt(999)).toBe(false);
  expect(dueAt(1000)).toBe(true);
});

test.each([
  { waitedMs: 50, pauseMs: 1000 },
  { waitedMs: 60, pauseMs: 1200 },
  { waitedMs: 150, pauseMs: 3000 },
  { waitedMs: 5000, pauseMs: 4000 },
])('after a wait of $waitedMs ms it is left alone for $pauseMs ms', ({ waitedMs, pauseMs }) => {
  const { pace, look } = paced();
  look(0, waitedMs);
  expect(pace.pauseMs).toBe(pauseMs);
  look(10_000, 1);
  expect(pace.pauseMs).toBe(1000);
});

test('what every look takes on the way is no wait', () => {
  const { pace, look } = paced();
  look(0, 180, false);
  look(250, 200);
  expect(pace.pauseMs).toBe(1000);
});

test('another connection is asked at once', () => {
  const { pace, look, dueAt } = paced();
  look(0, 5000);
  pace.reset();
  expect(dueAt(5001)).toBe(true);
});
