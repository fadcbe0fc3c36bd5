import { beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../src/log.ts';
import type { LagBucket } from '../../src/model/lag.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';
import { DAY, HOUR, lagSample, open, START, storageConfig, tempFile } from './fixtures.ts';

type Sample = readonly [at: number, lagMs: number | null];

/** The answer worked out the plain way, for buckets as wide as the storage's. */
function naively(samples: readonly Sample[], from: number, to: number, width: number): LagBucket[] {
  const valuesOf = new Map<number, number[]>();
  for (const [at, lagMs] of samples) {
    const start = at - (at % width);
    if (lagMs === null || start + width <= from || start >= to) continue;
    const values = valuesOf.get(start);
    if (values) values.push(lagMs);
    else valuesOf.set(start, [lagMs]);
  }
  return [...valuesOf].map(([start, values]) => ({
    from: new Date(start),
    to: new Date(start + width),
    ...summary(values),
  }));
}

function summary(values: number[]): Omit<LagBucket, 'from' | 'to'> {
  return {
    minMs: Math.min(...values),
    maxMs: Math.max(...values),
    avgMs: values.reduce((sum, ms) => sum + ms, 0) / values.length,
    samples: values.length,
  };
}

/** Repeatable chance (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function expectSameBuckets(found: LagBucket[], wanted: LagBucket[]): void {
  expect(found.map(({ avgMs: _, ...rest }) => rest)).toEqual(wanted.map(({ avgMs: _, ...rest }) => rest));
  for (const [n, bucket] of found.entries()) expect(bucket.avgMs).toBeCloseTo(wanted[n]?.avgMs ?? NaN, 6);
}

describe('a day of samples, one a second, with spikes, gaps and unknowns', () => {
  const chance = random(4711);
  const samples: Sample[] = [];
  for (let n = 0; n < 86_400; n++) {
    const inGap = n > 30_000 && n < 37_000;
    const at = START - DAY + n * 1_000 + Math.floor(chance() * 900);
    const lagMs = chance() < 0.01 ? null : chance() < 0.001 ? 600_000 * chance() : 300 * chance();
    if (!inGap) samples.push([at, lagMs]);
  }
  let storage: MetricsStorage;
  beforeAll(() => {
    storage = openStorage(storageConfig(':memory:'), { log: silent, now: () => START });
    for (const [at, lagMs] of samples) {
      storage.recordLag(lagSample(at, lagMs));
      storage.recordLag(lagSample(at, 7, 'another pair'));
    }
    return () => storage.close();
  });

  test('any range at any resolution says what a plain computation says', () => {
    for (let round = 0; round < 60; round++) {
      const length = Math.ceil(10 ** (3 + chance() * 4.9));
      const from = Math.floor(START - DAY + chance() * (DAY - length));
      const to = from + length;
      const maxPoints = 2 + Math.floor(chance() ** 3 * 2_000);
      const found = storage.lagHistory('orders', { from: new Date(from), to: new Date(to), maxPoints });
      expect(found.length).toBeLessThanOrEqual(maxPoints);
      const first = found[0];
      if (!first) {
        expect(samples.filter(([at, ms]) => ms !== null && at >= from && at < to)).toEqual([]);
        continue;
      }
      const width = first.to.getTime() - first.from.getTime();
      expect(width).toBeLessThan(Math.max(2 * 60_000, (2 * length) / (maxPoints - 1) + 1));
      expectSameBuckets(found, naively(samples, from, to, width));
    }
  });

  test('one point is one point, wherever the range lies', () => {
    for (const shift of [0, 17 * 60_000]) {
      const from = START - HOUR - shift;
      const found = storage.lagHistory('orders', {
        from: new Date(from),
        to: new Date(from + HOUR),
        maxPoints: 1,
      });
      expect(found).toHaveLength(1);
      const { from: first, to: last } = found[0] as LagBucket;
      const known = samples.flatMap(([at, ms]) =>
        at >= first.getTime() && at < last.getTime() ? (ms ?? []) : [],
      );
      expectSameBuckets(found, [{ from: first, to: last, ...summary(known) }]);
      expect(first.getTime()).toBeLessThanOrEqual(from);
      expect(last.getTime()).toBeGreaterThanOrEqual(from + HOUR);
    }
  });

  test('the whole day in 600 points keeps the highest spike and the gap', () => {
    const found = storage.lagHistory('orders', {
      from: new Date(START - DAY),
      to: new Date(START),
      maxPoints: 600,
    });
    const known = samples.flatMap(([, ms]) => ms ?? []);
    expect(Math.max(...found.map(({ maxMs }) => maxMs))).toBe(Math.max(...known));
    expect(found.reduce((sum, bucket) => sum + bucket.samples, 0)).toBe(known.length);
    const gaps = found.filter((bucket, n) => n > 0 && bucket.from.getTime() !== found[n - 1]?.to.getTime());
    expect(gaps).toHaveLength(1);
  });
});

test('history goes on over a restart and includes what still waits', () => {
  const file = tempFile();
  const samples: Sample[] = Array.from({ length: 600 }, (_, n) => [START - HOUR + n * 1_000, n % 17]);
  const range = { from: new Date(START - HOUR), to: new Date(START - HOUR + 600_000) };
  const first = open(file);
  for (const [at, ms] of samples.slice(0, 330)) first.recordLag(lagSample(at, ms));
  first.close();

  const second = open(file);
  for (const [at, ms] of samples.slice(330)) second.recordLag(lagSample(at, ms));
  for (const [maxPoints, width] of [
    [11, 60_000],
    [41, 15_000],
  ] as const) {
    expectSameBuckets(
      second.lagHistory('orders', { ...range, maxPoints }),
      naively(samples, range.from.getTime(), range.to.getTime(), width),
    );
  }
});

test('before the raw samples begin, minutes answer', () => {
  const storage = open(undefined, { now: () => START + 3 * DAY });
  for (let n = 0; n < 180; n++) storage.recordLag(lagSample(START + n * 1_000, n));
  const found = storage.lagHistory('orders', {
    from: new Date(START),
    to: new Date(START + 180_000),
    maxPoints: 600,
  });
  expect(found).toEqual([
    { from: new Date(START), to: new Date(START + 60_000), minMs: 0, maxMs: 59, avgMs: 29.5, samples: 60 },
    {
      from: new Date(START + 60_000),
      to: new Date(START + 120_000),
      minMs: 60,
      maxMs: 119,
      avgMs: 89.5,
      samples: 60,
    },
    {
      from: new Date(START + 120_000),
      to: new Date(START + 180_000),
      minMs: 120,
      maxMs: 179,
      avgMs: 149.5,
      samples: 60,
    },
  ]);
});

test('a moment that comes twice because the clock was set back counts once', () => {
  const file = tempFile();
  const first = open(file);
  first.recordLag(lagSample(START, 5));
  first.close();
  const second = open(file);
  second.recordLag(lagSample(START, 9));
  second.recordLag(lagSample(START + 1, 7));
  second.close();
  const third = open(file);
  for (const maxPoints of [2, 200_000]) {
    const range = { from: new Date(START), to: new Date(START + 60_000), maxPoints };
    expect(third.lagHistory('orders', range).reduce((sum, { samples }) => sum + samples, 0)).toBe(2);
  }
});

test('an empty range is empty; a range or number of points that makes no sense is a bad request', () => {
  const storage = open();
  const range = { from: new Date(START), to: new Date(START), maxPoints: 10 };
  expect(storage.lagHistory('orders', range)).toEqual([]);
  const invalid = expect.objectContaining({ name: 'EngineRequestError', code: 'INVALID' }) as Error;
  expect(() => storage.lagHistory('orders', { ...range, maxPoints: 0 })).toThrow(invalid);
  expect(() => storage.lagHistory('orders', { ...range, maxPoints: NaN })).toThrow(invalid);
  expect(() => storage.lagHistory('orders', { ...range, from: new Date(NaN) })).toThrow(invalid);
});
