import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AlertsConfig } from '../../src/config.ts';
import { caughtUp, HOUR, lagging, MINUTE, SECOND, TestClock, unmeasured, Watch } from './fixtures.ts';

/** Starts Lockstep's alerts again and again on one file, `downMs` apart. */
function restarts() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-alerts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new TestClock();
  let last: Watch | null = null;
  return (downMs = 0, config: Partial<AlertsConfig> = {}) => {
    last?.storage.close();
    clock.advance(downMs);
    last = new Watch({ file: join(folder, 'lockstep.db'), clock, config });
    return last;
  };
}

test('a firing alert goes on with the same id and is not told again', () => {
  const start = restarts();
  const first = start();
  first.during(11 * SECOND, lagging());
  const before = first.alert;
  const second = start(HOUR);
  expect(second.alert).toEqual(before);
  second.during(MINUTE, lagging());
  expect(second.published).toEqual([]);
  expect(second.logged).toEqual([]);
});

test('an alert whose condition went away meanwhile resolves in its own time', () => {
  const start = restarts();
  const first = start();
  first.during(11 * SECOND, lagging());
  const { id } = first.alert;
  const second = start(HOUR);
  second.during(30 * SECOND, unmeasured());
  second.during(MINUTE, caughtUp());
  expect(second.alert).toMatchObject({ id, state: 'firing' });
  second.now(caughtUp());
  expect(second.storage.alert(id)?.state).toBe('resolved');
});

test('a pending alert has lasted as long as it was seen, not as long as nobody looked', () => {
  const config = { forMs: 10 * MINUTE };
  const start = restarts();
  start(0, config).during(6 * MINUTE, lagging());
  const second = start(HOUR, config);
  second.during(3 * MINUTE, lagging());
  expect(second.alert.state).toBe('pending');
  // What was seen is noted every minute.
  second.during(2 * MINUTE + 2 * SECOND, lagging());
  expect(second.alert.state).toBe('firing');
});

test('a pending alert fires in its time though the clock was set back by a day before the restart', () => {
  const config = { forMs: 10 * MINUTE };
  const start = restarts();
  const first = start(0, config);
  first.during(2 * MINUTE, lagging());
  first.clock.setBy = -24 * HOUR;
  first.now(lagging({ severity: 'CRITICAL' }));
  const second = start(MINUTE, config);
  second.during(10 * MINUTE + 2 * SECOND, lagging());
  expect(second.alert.state).toBe('firing');
});

test('an alert whose rule was switched off meanwhile ends, saying so', () => {
  const start = restarts();
  start().now(lagging({ forMs: 0 }));
  const second = start(MINUTE, { severities: { lag: null } });
  second.now(lagging());
  expect(second.published.at(-1)).toMatchObject({
    state: 'resolved',
    evidence: 'the rule lag is switched off in the configuration',
  });
});

test('an acknowledgement and a silence outlive it, and the silence its alert too', () => {
  const start = restarts();
  const first = start();
  first.now(lagging({ forMs: 0 }));
  const until = new Date(first.clock.wall().getTime() + 2 * HOUR);
  first.manager.acknowledge(first.alert.id, 'ana', 'on it');
  first.manager.silence(first.alert.id, 'ana', until);
  const second = start(MINUTE);
  expect(second.alert).toMatchObject({ acknowledged: { by: 'ana', note: 'on it' }, silencedUntil: until });
  second.during(2 * MINUTE, caughtUp());
  expect(second.manager.open()).toEqual([]);

  const third = start(MINUTE);
  third.now(lagging({ forMs: 0 }));
  expect(third.alert).toMatchObject({ acknowledged: null, silencedUntil: until });
});

test('what could not be read at the start is gone on with once it can be: who acknowledged, what is silenced', () => {
  const start = restarts();
  const earlier = start();
  earlier.during(11 * SECOND, lagging());
  const { id } = earlier.alert;
  earlier.manager.acknowledge(id, 'ann', 'on it');
  const until = new Date(earlier.clock.wall().getTime() + HOUR);
  earlier.manager.silence(id, 'ann', until);

  const watch = new Watch({ clock: earlier.clock });
  watch.during(11 * SECOND, lagging());
  const own = watch.alert;
  expect(own).toMatchObject({ state: 'firing', acknowledged: null });
  const said = watch.published.length;
  watch.storage.recordAlert(earlier.alert);
  watch.manager.recall();
  watch.during(2 * SECOND, lagging());
  expect(watch.alert).toMatchObject({
    id,
    state: 'firing',
    acknowledged: { by: 'ann', note: 'on it' },
    silencedUntil: until,
  });
  expect(watch.published.slice(said)).toEqual([
    expect.objectContaining({
      id: own.id,
      state: 'resolved',
      evidence: expect.stringContaining(id) as string,
    }),
  ]);
});
