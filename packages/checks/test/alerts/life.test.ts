import { describe, expect, test } from 'vitest';
import { caughtUp, lagging, MINUTE, SECOND, START, unmeasured, Watch } from './fixtures.ts';

test('a condition is pending until it has lasted, then fires', () => {
  const watch = new Watch();
  watch.during(10 * SECOND, lagging());
  expect(watch.alert).toMatchObject({ state: 'pending', firedAt: null, startedAt: new Date(START) });
  watch.now(lagging());
  expect(watch.alert).toMatchObject({ state: 'firing', firedAt: new Date(START + 10 * SECOND) });
  expect(watch.states).toEqual(['pending', 'firing']);
});

test('a condition that ends before it fires is told to those who look, and leaves no history', () => {
  const watch = new Watch();
  watch.during(9 * SECOND, lagging());
  watch.now(caughtUp());
  expect(watch.manager.open()).toEqual([]);
  expect(watch.published.at(-1)).toMatchObject({ state: 'resolved', firedAt: null });
  expect(watch.storage.alerts({}, { limit: 10 }).total).toBe(0);
  expect(watch.logged).toEqual([]);
});

test('a condition of its own duration fires by that', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.state).toBe('firing');
});

test('an alert goes on until its condition stayed away for long enough, then resolves with the evidence', () => {
  const watch = new Watch();
  watch.during(11 * SECOND, lagging());
  watch.during(MINUTE, caughtUp());
  expect(watch.alert.state).toBe('firing');
  expect(watch.alert.evidence).toBe('lag 0 s (resolves once it stayed so for 1 min)');
  const { id } = watch.alert;
  watch.now(caughtUp());
  expect(watch.manager.open()).toEqual([]);
  expect(watch.storage.alert(id)).toMatchObject({ state: 'resolved', evidence: 'lag 0 s', noData: false });
  expect([...new Set(watch.states)]).toEqual(['pending', 'firing', 'resolved']);
});

test('an alert that is over keeps what was wrong as well as why it ended', () => {
  const watch = new Watch();
  watch.during(11 * SECOND, lagging());
  const { id, evidence } = watch.alert;
  watch.now(unmeasured());
  watch.during(61 * SECOND, caughtUp());
  expect(watch.storage.alert(id)).toMatchObject({
    state: 'resolved',
    wasWrong: evidence,
    evidence: 'lag 0 s',
  });
});

test('a condition that comes back meanwhile is the same alert, and its time away starts anew', () => {
  const watch = new Watch();
  watch.during(11 * SECOND, lagging());
  const { id } = watch.alert;
  watch.during(50 * SECOND, caughtUp());
  watch.now(lagging());
  watch.during(50 * SECOND, caughtUp());
  expect(watch.alert).toMatchObject({ id, state: 'firing' });
});

test('a condition that comes back later is another alert', () => {
  const watch = new Watch();
  watch.during(11 * SECOND, lagging());
  const { id } = watch.alert;
  watch.during(61 * SECOND, caughtUp());
  watch.during(11 * SECOND, lagging());
  expect(watch.alert.id).not.toBe(id);
  expect(watch.storage.alerts({}, { limit: 10 }).total).toBe(2);
});

describe('what is unknown', () => {
  test('raises nothing', () => {
    const watch = new Watch();
    watch.during(5 * MINUTE, unmeasured());
    expect(watch.manager.open()).toEqual([]);
    expect(watch.published).toEqual([]);
  });

  test('never resolves: the alert stays, and says that it cannot be judged and why', () => {
    const watch = new Watch();
    watch.during(11 * SECOND, lagging());
    watch.now(unmeasured());
    expect(watch.published.at(-1)?.noData).toBe(true);
    watch.during(10 * MINUTE, unmeasured());
    expect(watch.alert).toMatchObject({
      state: 'firing',
      noData: true,
      evidence: 'lag unknown: the source is gone',
    });
    expect(watch.published.filter(({ noData }) => noData)).toHaveLength(1);
    watch.now(lagging());
    expect(watch.alert).toMatchObject({ state: 'firing', noData: false });
  });

  test('does not count as time that the condition lasted', () => {
    const watch = new Watch();
    watch.during(6 * SECOND, lagging());
    watch.during(MINUTE, unmeasured());
    watch.during(5 * SECOND, lagging());
    expect(watch.alert.state).toBe('pending');
    watch.during(2 * SECOND, lagging());
    expect(watch.alert.state).toBe('firing');
  });

  test('does not count as time that it was over', () => {
    const watch = new Watch();
    watch.during(11 * SECOND, lagging());
    watch.during(31 * SECOND, caughtUp());
    watch.during(10 * MINUTE, unmeasured());
    watch.during(30 * SECOND, caughtUp());
    expect(watch.alert.state).toBe('firing');
    watch.during(2 * SECOND, caughtUp());
    expect(watch.manager.open()).toEqual([]);
  });
});

test("time in which nobody looked counts neither way, nor does setting the machine's clock", () => {
  const watch = new Watch({ config: { forMs: MINUTE } });
  watch.during(2 * SECOND, lagging());
  watch.clock.advance(10 * MINUTE);
  watch.clock.setBy = 60 * MINUTE;
  watch.now(lagging());
  expect(watch.alert.state).toBe('pending');
});

test('escalation is the same alert, told at once and logged', () => {
  const watch = new Watch();
  watch.during(11 * SECOND, lagging());
  const { id } = watch.alert;
  watch.now(lagging({ severity: 'CRITICAL', evidence: 'lag 70 s ≥ 60 s' }));
  expect(watch.alert).toMatchObject({ id, severity: 'CRITICAL', evidence: 'lag 70 s ≥ 60 s' });
  expect(watch.published.at(-1)?.severity).toBe('CRITICAL');
  watch.now(lagging());
  expect(watch.alert).toMatchObject({ id, severity: 'WARNING' });
  expect(watch.logged).toEqual([
    'warn alert firing: WARNING Replica is lagging: lag 12 s ≥ 10 s',
    'warn alert is CRITICAL now: CRITICAL Replica is lagging: lag 70 s ≥ 60 s',
    'warn alert is WARNING now: WARNING Replica is lagging: lag 12 s ≥ 10 s',
  ]);
});

describe('between the threshold that raises and the one that clears', () => {
  test('nothing is raised, and nothing ends', () => {
    const watch = new Watch();
    watch.during(MINUTE, caughtUp({ keeps: 'WARNING' }));
    expect(watch.manager.open()).toEqual([]);
    watch.during(11 * SECOND, lagging());
    watch.during(5 * MINUTE, caughtUp({ keeps: 'WARNING' }));
    expect(watch.alert.state).toBe('firing');
    watch.during(61 * SECOND, caughtUp());
    expect(watch.manager.open()).toEqual([]);
  });

  test('a severity is kept, never raised', () => {
    const watch = new Watch();
    watch.during(11 * SECOND, lagging({ severity: 'CRITICAL' }));
    watch.now(lagging({ severity: 'WARNING', keeps: 'CRITICAL' }));
    expect(watch.alert.severity).toBe('CRITICAL');
    watch.now(caughtUp({ keeps: 'WARNING' }));
    expect(watch.alert.severity).toBe('WARNING');
    watch.now(lagging({ severity: 'WARNING', keeps: 'CRITICAL' }));
    expect(watch.alert.severity).toBe('WARNING');
  });

  test('a pending alert ends', () => {
    const watch = new Watch();
    watch.during(5 * SECOND, lagging());
    watch.now(caughtUp({ keeps: 'WARNING' }));
    expect(watch.manager.open()).toEqual([]);
  });
});

test('evidence that changes every second is told every few seconds, a change of state at once', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  for (let n = 0; n < 20; n++) watch.now(lagging({ evidence: `lag ${12 + n} s` }));
  expect(watch.published.map(({ evidence }) => evidence)).toEqual([
    'lag 12 s ≥ 10 s',
    'lag 16 s',
    'lag 21 s',
    'lag 26 s',
    'lag 31 s',
  ]);
  expect(watch.alert.evidence).toBe('lag 31 s');
  expect(watch.logged).toHaveLength(1);
});

test('a condition that stays as it is is told once', () => {
  const watch = new Watch();
  watch.during(10 * MINUTE, lagging({ forMs: 0 }));
  expect(watch.published).toHaveLength(1);
});

describe('flapping', () => {
  const flap = (watch: Watch, times: number) => {
    for (let n = 0; n < times; n++) {
      watch.during(11 * SECOND, lagging());
      watch.during(62 * SECOND, caughtUp());
    }
  };

  test('a condition that comes and goes becomes one alert that says so', () => {
    const watch = new Watch();
    flap(watch, 3);
    expect(watch.manager.open()).toEqual([]);
    flap(watch, 1);
    // The fourth time it stays, though its condition is over for longer than usually asked.
    const { id } = watch.alert;
    flap(watch, 5);
    expect(watch.alert).toMatchObject({ id, state: 'firing' });
    expect(watch.alert.evidence).toContain('flapping: 9 times in the last hour');
    watch.during(10 * MINUTE, caughtUp());
    expect(watch.manager.open()).toEqual([]);
    expect(watch.storage.alerts({}, { limit: 10 }).total).toBe(4);
  });

  test('is forgotten after a quiet hour', () => {
    const watch = new Watch();
    flap(watch, 5);
    watch.during(70 * MINUTE, caughtUp());
    flap(watch, 1);
    expect(watch.manager.open()).toEqual([]);
  });

  test('a condition that comes and goes without ever firing is none', () => {
    const watch = new Watch();
    for (let n = 0; n < 20; n++) {
      watch.during(5 * SECOND, lagging());
      watch.during(5 * SECOND, caughtUp());
    }
    watch.during(11 * SECOND, lagging());
    expect(watch.alert.evidence).not.toContain('flapping');
  });
});

test('an alert goes on where an error kept its condition from being judged', () => {
  const watch = new Watch();
  watch.during(11 * SECOND, lagging());
  const exists = { pairs: new Set(['orders']), servers: new Set<string>() };
  for (const _ of watch.manager.observing([{ unjudged: { pair: 'orders' } }], exists));
  expect(watch.alert.state).toBe('firing');
});

test('that an alert cannot be judged is logged when that begins, with what the alert is about', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  watch.during(3 * SECOND, unmeasured());
  watch.now(unmeasured({ evidence: 'lag unknown: another reason' }));
  expect(watch.logged.slice(1)).toEqual([
    'info alert cannot be judged: WARNING Replica is lagging: lag unknown: the source is gone',
  ]);
  const { id: alert } = watch.alert;
  const of = { alert, rule: 'lag', severity: 'WARNING', state: 'firing', pair: 'orders', server: null };
  expect(watch.loggedOf[1]).toEqual({ ...of, table: null, inhibitedBy: null });
});
