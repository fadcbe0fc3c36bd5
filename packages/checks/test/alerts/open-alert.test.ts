import { expect, test } from 'vitest';
import { OpenAlert } from '../../src/alerts/open-alert.ts';
import { caughtUp, lagging, MINUTE, SECOND, START, unmeasured, Watch } from './fixtures.ts';

const at = (ms: number) => new Date(START + ms);
const policy = { forMs: 0, keepFiringForMs: MINUTE, flapping: null };

test('an alert begins with all that is known of it, and with nothing that is not', () => {
  const alert = OpenAlert.begin(lagging({ size: 12 }), at(0)).alert;
  const seen = { at: at(0), severity: 'WARNING', evidence: 'lag 12 s ≥ 10 s', size: 12 };
  expect(alert).toEqual({
    id: expect.any(String) as string,
    fingerprint: 'lag pair=orders',
    rule: 'lag',
    severity: 'WARNING',
    state: 'pending',
    pair: 'orders',
    server: null,
    table: null,
    tableName: null,
    summary: 'Replica is lagging',
    evidence: seen.evidence,
    wasWrong: seen.evidence,
    first: seen,
    worst: seen,
    last: seen,
    startedAt: at(0),
    firedAt: null,
    updatedAt: at(0),
    resolvedAt: null,
    noData: false,
    acknowledged: null,
    silencedUntil: null,
    inhibitedBy: null,
  });
  expect(OpenAlert.begin(lagging(), at(0)).alert.last?.size).toBeNull();
});

test('an alert follows from what its condition follows from now', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  open.observe(lagging({ follows: ['connection-lost server=db1'] }), policy, 0, at(0));
  expect(open.follows).toEqual(['connection-lost server=db1']);
  open.observe(lagging(), policy, 0, at(SECOND));
  expect(open.follows).toEqual([]);
});

test('it is told that a condition came when it fires, and when it comes back, and not in between', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  const came = (condition: ReturnType<typeof lagging>, seconds: number) =>
    open.observe(condition, { ...policy, forMs: 2 * SECOND }, SECOND, at(seconds * SECOND));
  expect([came(lagging(), 0), came(lagging(), 1), came(lagging(), 2), came(lagging(), 3)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect([came(caughtUp(), 4), came(unmeasured(), 5), came(lagging(), 6), came(lagging(), 7)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

test('what is pending is noted every minute, so that the next process knows how long it lasted', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  const updated = (ms: number) => {
    open.observe(lagging(), { ...policy, forMs: 10 * MINUTE }, SECOND, at(ms));
    return open.alert.updatedAt;
  };
  expect(updated(59_999)).toEqual(at(0));
  expect(updated(60_000)).toEqual(at(60_000));
  expect(updated(119_999)).toEqual(at(60_000));
});

test('what fires is noted when it changes, and not for the time that passes', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  for (const minute of [0, 2, 4]) open.observe(lagging(), policy, SECOND, at(minute * MINUTE));
  expect(open.alert.updatedAt).toEqual(at(0));
});

test('a condition whose evidence stays is seen to hold to its end, and that moment is noted when it is over', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  for (const second of [0, 1, 2]) open.observe(lagging(), policy, SECOND, at(second * SECOND));
  expect(open.alert.last?.at).toEqual(at(0));
  open.observe(caughtUp(), policy, SECOND, at(3 * SECOND));
  expect(open.alert.last).toMatchObject({ at: at(2 * SECOND), evidence: 'lag 12 s ≥ 10 s' });
  const { last } = open.alert;
  open.observe(caughtUp(), policy, SECOND, at(4 * SECOND));
  expect(open.alert.last).toBe(last);
});

test('where only the severity is another, that is seen as another moment', () => {
  const open = OpenAlert.begin(lagging({ severity: 'CRITICAL' }), at(0));
  open.observe(lagging({ severity: 'CRITICAL' }), policy, 0, at(0));
  open.observe(lagging({ severity: 'WARNING' }), policy, SECOND, at(SECOND));
  expect(open.alert.last).toMatchObject({ at: at(SECOND), severity: 'WARNING' });
  expect(open.alert.worst).toMatchObject({ at: at(0), severity: 'CRITICAL' });
});

test('of two moments that are as bad the first is the worst, with numbers or without', () => {
  for (const size of [5, undefined]) {
    const with_ = (evidence: string) => lagging({ evidence, ...(size !== undefined && { size }) });
    const open = OpenAlert.begin(with_('a'), at(0));
    open.observe(with_('b'), policy, SECOND, at(SECOND));
    expect(open.alert.worst?.evidence).toBe('a');
  }
  const open = OpenAlert.begin(lagging({ evidence: 'a' }), at(0));
  open.observe(lagging({ evidence: 'b', size: 1 }), policy, SECOND, at(SECOND));
  expect(open.alert.worst?.evidence).toBe('b');
});

test('an alert of a version that noted no moments goes on without them, and ends', () => {
  const { first: _, worst: __, last: ___, ...old } = OpenAlert.begin(lagging(), at(0)).alert;
  const open = OpenAlert.restore({ ...old, state: 'firing', firedAt: at(0) });
  open.observe(unmeasured(), policy, SECOND, at(SECOND));
  open.observe(lagging({ evidence: 'lag 20 s' }), policy, SECOND, at(2 * SECOND));
  expect(open.alert.first).toMatchObject({ at: at(2 * SECOND), evidence: 'lag 20 s' });
  const ends = OpenAlert.restore({ ...old, state: 'firing', firedAt: at(0) });
  ends.resolve('over', at(SECOND));
  expect(ends.alert).toMatchObject({ state: 'resolved', resolvedAt: at(SECOND), evidence: 'over' });
  expect(ends.alert.last).toBeUndefined();
});

test('an alert without data that ends is not without data', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  open.observe(lagging(), policy, 0, at(0));
  open.observe(unmeasured(), policy, SECOND, at(SECOND));
  expect(open.alert.noData).toBe(true);
  open.observe(caughtUp(), policy, SECOND, at(2 * SECOND));
  expect(open.alert.noData).toBe(false);
  open.observe(unmeasured(), policy, SECOND, at(3 * SECOND));
  open.resolve('gone', at(4 * SECOND));
  expect(open.alert.noData).toBe(false);
});

test('what is unknown keeps the severity that the alert has', () => {
  const open = OpenAlert.begin(lagging({ severity: 'CRITICAL' }), at(0));
  open.observe(lagging({ severity: 'CRITICAL' }), policy, 0, at(0));
  open.observe(unmeasured({ keeps: 'WARNING' }), policy, SECOND, at(SECOND));
  expect(open.alert).toMatchObject({ severity: 'CRITICAL', noData: true, state: 'firing' });
});

test('an alert that flaps says so while its condition is over as well', () => {
  const watch = new Watch();
  for (let n = 0; n < 4; n++) {
    watch.now(lagging({ forMs: 0 }));
    watch.now(caughtUp());
  }
  expect(watch.alert.evidence).toBe(
    'lag 0 s (resolves once it stayed so for 10 min, flapping: 4 times in the last hour)',
  );
});

test('what an earlier process saw last is noted no later than it was seen', () => {
  const { alert } = OpenAlert.begin(lagging(), at(0));
  const open = OpenAlert.restore({ ...alert, state: 'firing', firedAt: at(0) });
  open.observe(caughtUp(), policy, 0, at(MINUTE));
  expect(open.alert.last?.at).toEqual(at(0));
  open.observe(lagging(), policy, SECOND, at(2 * MINUTE));
  open.observe(caughtUp(), policy, SECOND, at(3 * MINUTE));
  expect(open.alert.last?.at).toEqual(at(2 * MINUTE));
});

test('an alert that flaps says how often while its condition holds, and one that does not says nothing of it', () => {
  const evidence = (flapping: number | null) => {
    const open = OpenAlert.begin(lagging(), at(0));
    open.observe(lagging(), { ...policy, flapping }, 0, at(0));
    return open.alert.evidence;
  };
  expect(evidence(5)).toBe('lag 12 s ≥ 10 s (flapping: 5 times in the last hour)');
  expect(evidence(null)).toBe('lag 12 s ≥ 10 s');
});

test('a condition that keeps an alert raises none, and what is unknown keeps none either', () => {
  const open = OpenAlert.begin(lagging(), at(0));
  const slow = { ...policy, forMs: MINUTE };
  open.observe(lagging({ severity: 'INFO', keeps: 'CRITICAL' }), slow, SECOND, at(0));
  expect(open.alert).toMatchObject({ state: 'pending', severity: 'INFO' });
  open.observe(unmeasured({ keeps: 'CRITICAL' }), slow, SECOND, at(SECOND));
  expect(open.alert).toMatchObject({ state: 'pending', severity: 'INFO', noData: true });
});
