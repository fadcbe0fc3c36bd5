import { expect, test } from 'vitest';
import type { PairSnapshot, StandingResult } from '../../src/alerts/condition/snapshot.ts';
import { judge } from '../../src/alerts/judge.ts';
import { UnseenTime } from '../../src/time/unseen-time.ts';
import { HOUR, SECOND, START } from './fixtures.ts';
import { pair, result, snapshot } from './state.ts';

const noAlerts = { has: () => false, tablesOf: () => [] };

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test('what is passed over because all is well raises nothing, however old, scheduled or dated', () => {
  const number = numbers(7);
  const raised = { some: 0, none: 0 };
  for (let round = 0; round < 80; round++) {
    // A clock that is set forward and back while results come in.
    let [wall, now] = [START, 0];
    const unseen = new UnseenTime({ now: () => now, wall: () => new Date(wall) });
    const spread = [1, 30, 300][number(3)] as number;
    const results: StandingResult[] = [];
    for (let table = 0; table < 30; table++) {
      const passedMs = number(spread) * HOUR;
      now += passedMs;
      wall += passedMs + (number(20) === 0 ? (number(200) - 100) * HOUR : 0);
      unseen.notice();
      results.push(
        result({
          table: `t${table}`,
          check: number(4) === 0 ? 'consistency' : 'checksum',
          verdict: number(90) === 0 ? 'ERROR' : 'MATCH',
          finishedAt: new Date(wall - number(1_000)),
        }),
      );
    }
    const each = { enabled: number(5) > 0, method: 'rows' } as const;
    const schedule = number(2) ? { everyMs: (1 + number(100)) * HOUR } : { cron: '0 3 * * 0' };
    const { config } = pair();
    const checks = { checksum: { ...each, schedule }, consistency: { ...each, enabled: true, schedule } };
    const one: PairSnapshot = pair({ config: { ...config, checks }, results });
    const seen = snapshot({
      at: new Date(wall + number(48) * HOUR),
      pairs: [one],
      unseenSince: (date) => unseen.since(date),
    });
    const all = judge(seen).filter(({ status }) => status !== 'false');
    expect(byFingerprint(judge(seen, noAlerts))).toEqual(byFingerprint(all));
    raised[all.some(({ rule, subject }) => rule === 'table-unverified' && subject.table) ? 'some' : 'none']++;
  }
  expect(raised.some).toBeGreaterThan(10);
  expect(raised.none).toBeGreaterThan(10);
});

function byFingerprint(conditions: ReturnType<typeof judge>) {
  return conditions.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

test('a table that was well is judged again from the moment on at which it is overdue', () => {
  const results = [result({ table: 'young' }), result({ table: 'old', finishedAt: new Date(START - HOUR) })];
  const raisedAt = (ms: number) =>
    judge(snapshot({ at: new Date(START + ms), pairs: [pair({ results })] }), noAlerts).flatMap(
      ({ rule, subject }) => (rule === 'table-unverified' ? (subject.table?.table ?? []) : []),
    );
  // Every hour, and a day of grace.
  expect(raisedAt(24 * HOUR)).toEqual([]);
  expect(raisedAt(24 * HOUR + SECOND)).toEqual(['old']);
  expect(raisedAt(25 * HOUR + SECOND)).toEqual(['young', 'old']);
});
