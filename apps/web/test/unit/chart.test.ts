import { describe, expect, test } from 'vitest';
import type { PairEvent } from '#lib/api/documents/pair.ts';
import { clusters } from '#lib/chart/clusters.ts';
import { fixedSpan, zoomed } from '#lib/chart/range.ts';
import { lagTicks, lagTop } from '#lib/chart/scale.ts';
import { sparkline } from '#lib/chart/sparkline.ts';
import { stateSegments } from '#lib/chart/state-segments.ts';
import { alertMarks, eventMarks, timeMarks } from '#lib/state/time-marks.ts';

describe('the lag axis', () => {
  test('shows a threshold that is near, and is not flattened by one that is far', () => {
    expect(lagTop(8_000, [10_000, 60_000])).toBeGreaterThan(10_000);
    expect(lagTop(8_000, [10_000, 60_000])).toBeLessThan(60_000);
    expect(lagTop(50, [10_000])).toBe(1_000);
  });

  test.each([900, 11_000, 70_000, 4_000_000, 400_000_000])('has few round ticks up to %d ms', (top) => {
    const ticks = lagTicks(top, 5);
    expect(ticks[0]).toBe(0);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.at(-1)).toBeLessThanOrEqual(top);
  });
});

describe('the marks under the lag', () => {
  const alert = { summary: 'Replica is lagging', table: null, firedAt: null, resolvedAt: null };

  test('tell where an alert began to fire and where it was over, but nothing of one that never fired', () => {
    const over = { ...alert, firedAt: '2026-03-01T10:00:00Z', resolvedAt: '2026-03-01T10:05:00Z' };
    expect(alertMarks([over, { ...alert, resolvedAt: over.resolvedAt }])).toEqual([
      { at: Date.parse(over.firedAt), glyph: '▲', word: 'Alert', message: 'alert fires: Replica is lagging' },
      {
        at: Date.parse(over.resolvedAt),
        glyph: '△',
        word: 'Alert',
        message: 'alert is over: Replica is lagging',
      },
    ]);
    expect(alertMarks([{ ...over, table: 'shop.orders', resolvedAt: null }])).toMatchObject([
      { message: 'alert fires: Replica is lagging: shop.orders' },
    ]);
  });

  test('leave changes of state to the strip', () => {
    const event = { id: '1', pair: 'shop', at: '2026-03-01T10:00:00Z', state: null, message: 'by anna' };
    const events = [{ ...event, kind: 'STATE' } as const, { ...event, kind: 'OPERATOR' } as const];
    expect(eventMarks(events)).toMatchObject([{ glyph: '●', message: 'by anna' }]);
  });

  test('say in a word what kind of thing happened, in the order of time', () => {
    const at = (minute: number) => `2026-03-01T10:0${minute}:00Z`;
    const event = { pair: 'shop', state: null, message: '' };
    const events = (['RESTART', 'FAILOVER', 'DEFINITION', 'ALERT', 'RUN'] as const).map((kind, minute) => ({
      ...event,
      id: kind,
      kind,
      at: at(minute),
    }));
    expect(timeMarks(events.reverse(), []).map(({ word }) => word)).toEqual([
      'Restart',
      'Failover',
      'DDL',
      'Alert',
      'Run',
    ]);
  });

  test('show an alert once that the time line tells of, too', () => {
    const event = { id: '1', pair: 'shop', kind: 'ALERT', state: null, message: 'alert fires: …' } as const;
    const firedAt = '2026-03-01T10:00:00Z';
    const ofServer = { ...event, id: '2', at: '2026-03-01T10:01:00Z', message: 'alert fires: no connection' };
    const marks = timeMarks([{ ...event, at: firedAt }, ofServer], [{ ...alert, firedAt }]);
    expect(marks.map(({ message }) => message)).toEqual([
      'alert fires: Replica is lagging',
      'alert fires: no connection',
    ]);
  });
});

describe('the sparkline', () => {
  const frame = { now: 3_600_000, width: 120, height: 30, thresholdMs: 10_000 };
  const minute = (at: number, max: number) => ({ at: at * 60_000, min: 0, max });

  test('begins anew after minutes in which nothing was known', () => {
    const { line } = sparkline([minute(1, 5), minute(2, 5), minute(10, 5)], frame);
    expect(line.match(/M/g)).toHaveLength(2);
  });

  test('marks the minutes over the threshold, and hides a threshold that is far away', () => {
    const busy = sparkline([minute(1, 50), minute(2, 20_000)], frame);
    expect(busy.breach.match(/M/g)).toHaveLength(1);
    expect(busy.thresholdY).not.toBeNull();
    expect(sparkline([minute(1, 50)], frame)).toMatchObject({ breach: '', thresholdY: null });
  });
});

describe('the state strip', () => {
  const event = (at: number, state: PairEvent['state']): PairEvent => ({
    id: String(at),
    pair: 'p',
    at: new Date(at).toISOString(),
    kind: state === null ? 'RUN' : 'STATE',
    state,
    message: '',
  });

  test('is not recorded before the first event that is known', () => {
    expect(stateSegments([event(50, 'LAGGING')], { state: 'LAGGING', since: 50, at: 100 }, 0, 100)).toEqual([
      { from: 0, to: 50, state: null },
      { from: 50, to: 100, state: 'LAGGING' },
    ]);
  });

  test('takes the state that it begins in from an earlier event', () => {
    const events = [event(10, 'IN_SYNC'), event(15, null), event(70, 'STOPPED')];
    expect(stateSegments(events, { state: 'STOPPED', since: 70, at: 90 }, 50, 100)).toEqual([
      { from: 50, to: 70, state: 'IN_SYNC' },
      { from: 70, to: 90, state: 'STOPPED' },
    ]);
  });

  test('knows a state that has lasted since before all events', () => {
    expect(stateSegments([], { state: 'IN_SYNC', since: 0, at: 100 }, 40, 100)).toEqual([
      { from: 40, to: 100, state: 'IN_SYNC' },
    ]);
  });
});

test('a fixed stretch needs two instants in order', () => {
  const [from, to] = ['2026-11-23T14:00:00.000Z', '2026-11-23T15:00:00.000Z'];
  expect(fixedSpan(from, to)).toEqual({ live: false, from: Date.parse(from), to: Date.parse(to) });
  expect([fixedSpan(to, from), fixedSpan('x', to), fixedSpan(null, to)]).toEqual([null, null, null]);
});

test('marks that would cover each other are drawn as one, where the first of them is', () => {
  const found = clusters([50, 10, 12, 14, 51, 90], (at) => at, 3);
  expect(found).toEqual([
    { at: 10, items: [10, 12, 14] },
    { at: 50, items: [50, 51] },
    { at: 90, items: [90] },
  ]);
});

describe('a zoom', () => {
  const shown = { from: 0, to: 60_000 };

  test('in keeps what it is about where it was', () => {
    expect(zoomed(shown, 45_000, 'in', 60_000)).toEqual({ from: 22_500, to: 52_500 });
  });

  test('out shows nothing that is still to come', () => {
    expect(zoomed(shown, 30_000, 'out', 60_000)).toEqual({ from: -60_000, to: 60_000 });
  });

  test('ends where no sample would be left', () => {
    const { from, to } = zoomed({ from: 0, to: 1_200 }, 600, 'in', 60_000);
    expect(to - from).toBe(1_000);
  });
});
