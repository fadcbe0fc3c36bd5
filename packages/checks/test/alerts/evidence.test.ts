import { expect, test } from 'vitest';
import { judge } from '../../src/alerts/judge.ts';
import { caughtUp, lagging, MINUTE, SECOND, START, unmeasured, Watch } from './fixtures.ts';
import { pair, result, snapshot } from './state.ts';

const at = (ms: number) => new Date(START + ms);

test('an alert that is over keeps what was wrong first, at its worst, and last, each with its moment', () => {
  const watch = new Watch();
  const lag = (s: number) => lagging({ forMs: 0, size: s, evidence: `lag ${s} s ≥ 10 s` });
  watch.now(lag(12));
  watch.now(lag(30));
  watch.now(lag(29));
  watch.during(3 * SECOND, lag(14));
  const { id } = watch.alert;
  watch.during(2 * MINUTE, caughtUp());
  expect(watch.storage.alert(id)).toMatchObject({
    state: 'resolved',
    evidence: 'lag 0 s',
    first: { at: at(0), evidence: 'lag 12 s ≥ 10 s', size: 12 },
    worst: { at: at(SECOND), evidence: 'lag 30 s ≥ 10 s', size: 30 },
    last: { at: at(5 * SECOND), evidence: 'lag 14 s ≥ 10 s', size: 14 },
  });
});

test('a graver severity is worse than any number, and without numbers the first of the gravest', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0, size: 50 }));
  watch.now(lagging({ severity: 'CRITICAL', evidence: 'a' }));
  watch.now(lagging({ severity: 'CRITICAL', evidence: 'b' }));
  watch.now(lagging({ size: 99 }));
  expect(watch.alert.worst).toEqual({ at: at(SECOND), severity: 'CRITICAL', evidence: 'a', size: null });
});

test('an alert whose condition is over is clearing until it is resolved, or the condition comes back', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.clearingSince ?? null).toBeNull();
  watch.during(10 * SECOND, caughtUp());
  expect(watch.published.at(-1)).toMatchObject({ state: 'firing', clearingSince: at(SECOND) });
  watch.now(unmeasured());
  expect(watch.alert.clearingSince).toEqual(at(SECOND));
  watch.now(lagging());
  expect(watch.published.at(-1)).toMatchObject({ state: 'firing', clearingSince: null });
  watch.during(2 * MINUTE, caughtUp());
  expect(watch.published.at(-1)).toMatchObject({ state: 'resolved', clearingSince: null });
});

test('an acknowledgement can be taken back, and is told and logged', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  const { id } = watch.alert;
  expect(() => watch.manager.unacknowledge(id, 'ben')).toThrow(/nobody has acknowledged/);
  watch.manager.acknowledge(id, 'ana', 'on it');
  expect(watch.manager.unacknowledge(id, 'ben').acknowledged).toBeNull();
  expect(watch.published.at(-1)?.acknowledged).toBeNull();
  expect(watch.logged.at(-1)).toBe('info acknowledgement taken back by ben');
});

test('of a table that a filter leaves out one milder alert is told, which names the filter', () => {
  const excludedBy = 'Replicate_Ignore_Table=shop.items';
  const leftOut = result({
    verdict: 'DIFFERENT',
    reason: `3 rows missing on the target; the target leaves it out: ${excludedBy}`,
    schemaDifferences: [{ kind: 'column', message: 'column note is missing on the target' } as never],
    excludedBy,
  });
  const watch = new Watch();
  watch.during(2 * SECOND, ...judge(snapshot({ pairs: [pair({ results: [leftOut] })] })));
  const told = watch.manager.open().filter(({ inhibitedBy }) => inhibitedBy === null);
  expect(told).toMatchObject([
    {
      rule: 'table-different',
      severity: 'WARNING',
      summary: 'Table is left out of replication',
      evidence: expect.stringContaining(excludedBy) as string,
    },
  ]);
  expect(watch.manager.open().map(({ rule }) => rule)).toContain('schema-differs');
});
