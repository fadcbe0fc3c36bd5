// What the storage has of an earlier process, when it could not be read at the start.
import { expect, test, vi } from 'vitest';
import { type Condition, condition } from '../../src/alerts/condition/condition.ts';
import type { Alert } from '../../src/model/alert.ts';
import { caughtUp, HOUR, lagging, MINUTE, SECOND, START, Watch } from './fixtures.ts';

const stopped = (changes: Partial<Condition> = {}): Condition => ({
  ...condition(
    'replication-stopped',
    { pair: 'orders' },
    { status: 'true', severity: 'CRITICAL', summary: 'Stopped', evidence: 'it stands', forMs: 0 },
  ),
  ...changes,
});

/** A process that has its own alert, and what an earlier one left, which it cannot read yet. */
function processes(before: (earlier: Watch) => void, since: (watch: Watch) => void = () => undefined) {
  const earlier = new Watch();
  before(earlier);
  const left = earlier.alert;
  const watch = new Watch({ clock: earlier.clock });
  since(watch);
  watch.storage.recordAlert(left);
  const told = watch.published.length;
  return { watch, left, told: () => watch.published.slice(told) };
}

const fires = (watch: Watch) => watch.now(lagging({ forMs: 0 }));

test('an alert of before is open again, and nobody is told what was told before', () => {
  const { watch, left, told } = processes(fires);
  watch.manager.recall();
  expect(watch.manager.open()).toEqual([left]);
  watch.now(lagging());
  expect(watch.alert.id).toBe(left.id);
  expect(told()).toEqual([]);
  expect(watch.logged).toEqual([]);
});

test('one that was pending before goes on, if its condition was not seen since', () => {
  const { watch, left } = processes((earlier) => earlier.during(5 * SECOND, lagging()));
  watch.manager.recall();
  expect(watch.alert).toMatchObject({ id: left.id, state: 'pending' });
  expect(watch.logged).toEqual([]);
});

test('one that was pending before is over, if its condition is an alert since', () => {
  const { watch, left, told } = processes((earlier) => earlier.during(5 * SECOND, lagging()), fires);
  const own = watch.alert;
  watch.manager.recall();
  expect(watch.alert).toEqual(own);
  expect(told()).toMatchObject([
    { id: left.id, state: 'resolved', evidence: `goes on as alert ${own.id}`, firedAt: null },
  ]);
  watch.now(lagging());
  expect(watch.alert.id).toBe(own.id);
});

test('who looks after it since then looks after the older one', () => {
  const { watch, left, told } = processes(fires, (watch) => {
    fires(watch);
    watch.manager.acknowledge(watch.alert.id, 'ben', 'mine');
  });
  watch.manager.recall();
  expect(watch.alert).toMatchObject({ id: left.id, acknowledged: { by: 'ben', note: 'mine' } });
  expect(told().find(({ id }) => id === left.id)).toMatchObject({ acknowledged: { by: 'ben' } });
});

test('what is known already stays as it is, however often it is taken up', () => {
  const watch = new Watch();
  fires(watch);
  const { alert } = watch;
  const told = watch.published.length;
  watch.manager.recall();
  watch.manager.recall();
  expect(watch.alert).toBe(alert);
  expect(watch.published).toHaveLength(told);
});

test('the observation that is under way ends none that it knew nothing of', () => {
  const { watch, left } = processes(fires);
  const exists = { pairs: new Set(['orders']), servers: new Set<string>() };
  const observing = watch.manager.observing([caughtUp()], exists);
  observing.next();
  watch.manager.recall();
  for (const _ of observing);
  expect(watch.alert.id).toBe(left.id);
  watch.manager.observe([], exists);
  expect(watch.manager.open()).toEqual([]);
});

test('a silence of an alert that is over holds at once for the one that came since', () => {
  const until = new Date(START + HOUR);
  const silenced = (watch: Watch, end: Date) => {
    fires(watch);
    const { id } = watch.manager.silence(watch.alert.id, 'ann', end);
    watch.during(2 * MINUTE, caughtUp());
    return watch.storage.alert(id) as Alert;
  };
  const earlier = new Watch();
  const over = silenced(earlier, until);
  const watch = new Watch({ clock: earlier.clock });
  fires(watch);
  watch.storage.recordAlert(over);
  watch.manager.recall();
  expect(watch.published.at(-1)).toMatchObject({ id: watch.alert.id, silencedUntil: until });
  // One that was made since is the newer word.
  const own = new Watch({ clock: earlier.clock });
  fires(own);
  const longer = new Date(START + 2 * HOUR);
  own.manager.silence(own.alert.id, 'ben', longer);
  own.storage.recordAlert(over);
  own.manager.recall();
  expect(own.alert.silencedUntil).toEqual(longer);
});

test('a silence that ends in this moment holds no more', () => {
  const { watch, told } = processes((earlier) => {
    fires(earlier);
    earlier.manager.silence(earlier.alert.id, 'ann', new Date(START + MINUTE));
  });
  watch.clock.advance(MINUTE - SECOND);
  watch.manager.recall();
  expect(watch.alert.silencedUntil).toBeNull();
  expect(told()).toMatchObject([{ state: 'firing', silencedUntil: null }]);
});

test('an alert that cannot be told costs no other, and the error is told', () => {
  const { watch, left, told } = processes(
    (earlier) => earlier.during(5 * SECOND, lagging()),
    (since) => since.now(lagging({ forMs: 0 }), stopped()),
  );
  const other = new Watch({ clock: watch.clock });
  other.now(stopped());
  watch.storage.recordAlert(other.alert);
  const record = vi.spyOn(watch.storage, 'recordAlert').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
  watch.manager.recall();
  record.mockRestore();
  expect(watch.logged).toContain('error unexpected error in telling an alert: disk full');
  expect(told().filter(({ state }) => state === 'resolved')).toHaveLength(1);
  expect(watch.manager.open()).toHaveLength(2);
  expect(watch.manager.open().map(({ id }) => id)).not.toContain(left.id);
});
