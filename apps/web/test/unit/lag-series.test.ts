import { describe, expect, test } from 'vitest';
import { lagCsv } from '#lib/chart/lag-csv.ts';
import { LagSeries } from '#lib/chart/lag-series.ts';
import { lagTable } from '#lib/chart/lag-table.ts';

const T = Date.parse('2026-11-23T14:00:00Z');

function bucket(second: number, width: number, ms: number, more: { min?: number; max?: number } = {}) {
  return {
    from: new Date(T + second * 1000).toISOString(),
    to: new Date(T + (second + width) * 1000).toISOString(),
    minMs: more.min ?? ms,
    maxMs: more.max ?? ms,
    avgMs: ms,
    samples: 4,
  };
}

/** Where the line is interrupted, as the seconds at which it begins again. */
function beginnings(series: LagSeries): number[] {
  return Array.from({ length: series.length }, (_, i) => i)
    .filter((i) => series.gapBefore(i))
    .map((i) => (series.at(i).from - T) / 1000);
}

describe('gaps', () => {
  test('a stretch without buckets is a gap, and buckets that touch are none', () => {
    const series = LagSeries.from(
      [bucket(0, 2, 5), bucket(2, 2, 5), bucket(8, 2, 5), bucket(10, 2, 5)],
      2000,
    );
    expect(beginnings(series)).toEqual([0, 8]);
  });

  test('samples rarer than bins do not make the line a row of dots', () => {
    const every5 = [0, 5, 10, 15, 30, 35, 40].map((second) => bucket(second, 1, 5));
    expect(beginnings(LagSeries.from(every5, 1000))).toEqual([0, 30]);
  });

  test('an unknown moment between two samples interrupts the line, however short', () => {
    const series = new LagSeries(1000);
    series.add(T, 3);
    series.add(T + 250, null);
    series.add(T + 1100, 3);
    expect(beginnings(series)).toEqual([0, 1]);
  });

  test('a series that began live learns how often samples come', () => {
    const series = new LagSeries(1000);
    for (const second of [0, 5, 10, 15, 40, 45]) series.add(T + second * 1000, 1);
    expect(beginnings(series)).toEqual([0, 40]);
  });
});

describe('live samples', () => {
  test('go on with the bucket of history that they fall into', () => {
    const series = LagSeries.from([bucket(0, 2, 10, { min: 8, max: 12 })], 2000);
    series.add(T + 1_500, 110);
    expect(series.length).toBe(1);
    expect(series.at(0)).toMatchObject({ min: 8, max: 110, avg: 30, samples: 5 });
  });

  test('keep the spike of a bin in its maximum', () => {
    const series = new LagSeries(60_000);
    for (const ms of [0, 0, 9_000, 0]) series.add(T + 1000, ms);
    expect(series.at(0)).toMatchObject({ min: 0, max: 9_000, avg: 2_250 });
  });

  test('do not let the last bin reach into the future', () => {
    const series = new LagSeries(60_000);
    series.add(T + 20_000, 5);
    expect(series.at(0).to).toBe(T + 20_000);
  });

  test('grow past the first capacity, and go when they are too old', () => {
    const series = new LagSeries(1000);
    for (let i = 0; i < 5_000; i += 1) series.add(T + i * 1000, i);
    expect(series.at(4_999).avg).toBe(4_999);
    series.trim(T + 4_000_000);
    expect(series.length).toBe(1_001);
    expect(series.at(0).avg).toBe(3_999);
    expect(series.gapBefore(1)).toBe(false);
  });
});

test('the table says "unknown" where the chart has a gap, newest first', () => {
  const series = LagSeries.from([bucket(0, 10, 5), bucket(30, 10, 7, { min: 1, max: 20 })], 10_000);
  expect(lagTable(series, T, T + 40_000, 4).map((row) => row.lag)).toEqual([
    { min: 1, max: 20, avg: 7 },
    null,
    null,
    { min: 5, max: 5, avg: 5 },
  ]);
});

test('the CSV has a line for each bin that is known and none for gaps', () => {
  const series = LagSeries.from([bucket(0, 10, 5), bucket(30, 10, 7)], 10_000);
  expect(lagCsv(series).split('\r\n').slice(0, -1)).toEqual([
    'from,to,lag_min_ms,lag_avg_ms,lag_max_ms,samples',
    '2026-11-23T14:00:00.000Z,2026-11-23T14:00:10.000Z,5,5,5,4',
    '2026-11-23T14:00:30.000Z,2026-11-23T14:00:40.000Z,7,7,7,4',
  ]);
});

test('what is known of a stretch reaches to the end of the last bin', () => {
  const series = LagSeries.from([bucket(10, 5, 20), bucket(15, 5, 20)], 5000);
  const between = (from: number, to: number) => series.hasBetween(T + from * 1000, T + to * 1000);
  expect(between(0, 10)).toBe(false);
  expect(between(0, 11)).toBe(true);
  expect(between(19, 60)).toBe(true);
  expect(between(20, 60)).toBe(false);
  expect(new LagSeries(1000).hasBetween(T, T + 1000)).toBe(false);
});
