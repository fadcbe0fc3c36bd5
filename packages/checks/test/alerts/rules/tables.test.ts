import { describe, expect, test } from 'vitest';
import type { PairSnapshot } from '../../../src/alerts/condition/snapshot.ts';
import { isQuiet } from '../../../src/alerts/judge-table.ts';
import type { Verdict } from '../../../src/model/index.ts';
import { UnseenTime } from '../../../src/time/unseen-time.ts';
import { HOUR, START } from '../fixtures.ts';
import { of, ofPair } from '../judged.ts';
import { pair, result, run, snapshot } from '../state.ts';

describe('tables', () => {
  test.each<[Verdict, string, string, string, string]>([
    ['MATCH', 'false', 'false', 'false', 'false'],
    ['DIFFERENT', 'true', 'false', 'false', 'false'],
    ['SCHEMA_DIFFERS', 'unknown', 'true', 'false', 'false'],
    ['MISSING', 'unknown', 'unknown', 'true', 'false'],
    ['UNVERIFIED', 'unknown', 'unknown', 'unknown', 'true'],
    ['ERROR', 'unknown', 'unknown', 'unknown', 'true'],
  ])('verdict %s: different %s, schema %s, missing %s, unverified %s', (verdict, ...wanted) => {
    const results = [result({ verdict, reason: 'because' })];
    const rules = ['table-different', 'schema-differs', 'table-missing', 'table-unverified'] as const;
    const found = rules.map((rule) =>
      ofPair({ results }, rule, { pair: 'orders', table: { schema: 'shop', table: 'items' } }),
    );
    expect(found.map(({ status }) => status)).toEqual(wanted);
    expect(found.map(({ severity }) => severity)).toEqual(['CRITICAL', 'WARNING', 'CRITICAL', 'WARNING']);
    for (const { evidence } of found) expect(evidence).toBe('shop.items: because');
  });

  test('a mask that fits no column is alerted, though all is well else, until it fits', () => {
    const of = (changes: Parameters<typeof result>[0]) =>
      ofPair({ results: [result(changes)] }, 'mask-unfit', {
        pair: 'orders',
        table: { schema: 'shop', table: 'items' },
      });
    expect(of({ unfitMasks: ['emial'] })).toMatchObject({
      status: 'true',
      severity: 'WARNING',
      evidence: expect.stringContaining('maskColumns names emial, and no column is called so') as string,
    });
    expect(isQuiet(result({ unfitMasks: ['emial'] }), pair(), snapshot())).toBe(false);
    expect(of({ verdict: 'UNVERIFIED' }).status).toBe('unknown');
    expect(of({}).status).toBe('false');
  });

  test('different rows do not hide different columns', () => {
    const schemaDifferences = [
      { object: 'column a', source: 'int', target: null, message: 'column a is missing on the target' },
    ];
    const results = [result({ verdict: 'DIFFERENT', reason: 'both', schemaDifferences })];
    expect(
      ofPair({ results }, 'schema-differs', { pair: 'orders', table: { schema: 'shop', table: 'items' } }),
    ).toMatchObject({
      status: 'true',
      evidence: 'shop.items: column a is missing on the target',
    });
  });

  const unverified = (changes: Partial<PairSnapshot>) =>
    ofPair(changes, 'table-unverified', { pair: 'orders', table: { schema: 'shop', table: 'items' } });

  test('one that no run could decide is alerted when that has lasted for long', () => {
    expect(unverified({ results: [result({ verdict: 'UNVERIFIED' })] })).toMatchObject({
      status: 'true',
      forMs: 24 * HOUR,
    });
  });

  /** A table that is looked at by a wall clock which somebody sets, and what is said of its age. */
  const steppedClock = () => {
    let [wall, now] = [START, 0];
    const unseen = new UnseenTime({ now: () => now, wall: () => new Date(wall) });
    return {
      wall: () => wall,
      passes: (ms: number, setForwardMs = 0) => {
        wall += ms + setForwardMs;
        now += ms;
        unseen.notice();
      },
      said: (finishedAt: number) =>
        of(
          snapshot({
            at: new Date(wall),
            pairs: [pair({ results: [result({ finishedAt: new Date(finishedAt) })] })],
            unseenSince: (date) => unseen.since(date),
          }),
          'table-unverified',
          { pair: 'orders', table: { schema: 'shop', table: 'items' } },
        ),
    };
  };

  test('none is overdue for a clock that is set forward by a day, until so much time was seen to pass', () => {
    const { wall, passes, said } = steppedClock();
    passes(HOUR);
    passes(1000, 2 * 24 * HOUR);
    const verifiedAfter = wall();
    expect(said(START).status).toBe('false');
    passes(23 * HOUR);
    expect(said(START).status).toBe('false');
    passes(2 * HOUR);
    expect(said(START).status).toBe('true');
    expect(said(verifiedAfter).status).toBe('false');
    passes(HOUR);
    expect(said(verifiedAfter).status).toBe('true');
  });

  test('one is overdue though the clock was set back by a day, and not when it was only just verified', () => {
    const { wall, passes, said } = steppedClock();
    passes(10 * 24 * HOUR);
    // By a clock that was slewed since.
    expect(said(wall() + 20).status).toBe('false');
    const verified = wall();
    passes(1000, -20 * 24 * HOUR);
    passes(24 * HOUR);
    expect(said(verified).status).toBe('false');
    passes(HOUR + 1000);
    expect(said(verified)).toMatchObject({
      status: 'true',
      evidence: expect.stringContaining('last verified 1 d 1 h ago') as string,
    });
  });

  test('one whose next verification is overdue is alerted at once', () => {
    const old = (ms: number) => [result({ finishedAt: new Date(START - ms) })];
    // Every hour, and a day of grace.
    expect(unverified({ results: old(25 * HOUR) }).status).toBe('false');
    expect(unverified({ results: old(26 * HOUR) })).toMatchObject({
      status: 'true',
      forMs: 0,
      evidence: 'shop.items: last verified 1 d 2 h ago: all rows match',
    });
  });

  test('what is verified once a week, by the schedule, is not overdue before', () => {
    const { config } = pair();
    const weekly = { ...config.checks.checksum, schedule: { cron: '0 0 * * 0' } };
    const off = { ...config.checks.checksum, enabled: false };
    const at = (day: number, checksum: typeof weekly | typeof off) =>
      of(
        snapshot({
          at: new Date(2026, 2, day, 12),
          // A Sunday's.
          pairs: [
            pair({
              config: { ...config, checks: { ...config.checks, checksum } },
              results: [result({ finishedAt: new Date(2026, 2, 1, 1) })],
            }),
          ],
        }),
        'table-unverified',
        { pair: 'orders', table: { schema: 'shop', table: 'items' } },
      ).status;
    expect(at(7, weekly)).toBe('false');
    expect(at(8, weekly)).toBe('false');
    expect(at(9, weekly)).toBe('true');
    // No schedule promises it.
    expect(at(30, off)).toBe('false');
  });

  test('of a pair that a person paused, that is no news', () => {
    const state = { ...pair().state, paused: true };
    expect(unverified({ state, results: [result({ verdict: 'UNVERIFIED' })] }).status).toBe('unknown');
    expect(unverified({ state, results: [result({ finishedAt: new Date(0) })] }).status).toBe('unknown');
    expect(unverified({ state, results: [result()] }).status).toBe('false');
  });
});

describe('a pair that was never verified', () => {
  const never = (changes: Partial<PairSnapshot>) =>
    ofPair({ results: [], lastRuns: {}, ...changes }, 'table-unverified');

  test('is alerted when that has lasted for long', () => {
    expect(never({})).toMatchObject({ status: 'true', forMs: 24 * HOUR, summary: 'Pair was never verified' });
  });

  test('is alerted when its runs find no table, with their own words', () => {
    const found = run('finished', 'no table to compare');
    const none = { ...found, progress: { ...found.progress, tablesTotal: 0 } };
    expect(never({ lastRuns: { checksum: none } })).toMatchObject({
      status: 'true',
      evidence: 'no table of orders was ever verified: no table to compare',
    });
  });

  test('is none when its tables are gone since, or nobody wants it verified', () => {
    expect(never({ lastRuns: { checksum: run('finished') } }).status).toBe('false');
    const { config } = pair();
    const off = {
      checksum: { ...config.checks.checksum, enabled: false },
      consistency: { ...config.checks.consistency, enabled: false },
    };
    expect(never({ config: { ...config, checks: off } }).status).toBe('false');
  });

  test('is not said of one whose runs fail: that has its own alert', () => {
    expect(never({ lastRuns: { checksum: run('failed') } }).status).toBe('true');
  });
});
