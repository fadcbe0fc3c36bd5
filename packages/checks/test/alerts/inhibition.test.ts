import { expect, test } from 'vitest';
import { type Condition, condition } from '../../src/alerts/condition/condition.ts';
import { caughtUp, lagging, MINUTE, SECOND, unmeasured, Watch } from './fixtures.ts';

function connection(status: Condition['status'], forMs = 0): Condition {
  return condition(
    'connection-lost',
    { server: 'db1' },
    { status, severity: 'CRITICAL', summary: 'No connection to db1', evidence: 'refused', forMs },
  );
}
const follows = [connection('true').fingerprint];

function lagAlert(watch: Watch) {
  return watch.manager.open().find(({ rule }) => rule === 'lag');
}

test('what follows from a dead server is inhibited by its alert from the start, and not logged as a warning', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0, follows }), connection('true'));
  expect(lagAlert(watch)).toMatchObject({ state: 'firing', inhibitedBy: follows[0] });
  expect(watch.published.filter(({ rule }) => rule === 'lag')).toHaveLength(1);
  expect(watch.logged.map((line) => line.split(':')[0])).toEqual(['info alert firing', 'warn alert firing']);
});

test('an alert that fires while its cause is still pending is inhibited, and let go when the cause was none', () => {
  const watch = new Watch();
  watch.during(2 * SECOND, connection('true', MINUTE), lagging({ forMs: 0, follows }));
  expect(lagAlert(watch)?.inhibitedBy).toBe(follows[0]);
  watch.now(connection('false'), lagging({ forMs: 0, follows }));
  expect(lagAlert(watch)?.inhibitedBy).toBeNull();
  expect(watch.published.at(-1)).toMatchObject({ rule: 'lag', inhibitedBy: null });
});

test('an alert that was there before keeps firing, without data and inhibited, and goes on afterwards', () => {
  const watch = new Watch({ config: { keepFiringForMs: 0 } });
  watch.now(lagging({ forMs: 0, follows }), connection('false'));
  watch.during(MINUTE, unmeasured({ follows }), connection('true'));
  expect(lagAlert(watch)).toMatchObject({ state: 'firing', noData: true, inhibitedBy: follows[0] });
  watch.now(lagging({ follows }), connection('false'));
  expect(watch.alert).toMatchObject({ rule: 'lag', state: 'firing', noData: false, inhibitedBy: null });
  watch.now(caughtUp({ follows }), connection('false'));
  expect(watch.manager.open()).toEqual([]);
});

test('what does not follow from it is not inhibited', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }), connection('true'));
  expect(lagAlert(watch)?.inhibitedBy).toBeNull();
});
