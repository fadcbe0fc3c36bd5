import { expect, test } from 'vitest';
import { condition } from '../../src/alerts/condition/condition.ts';
import { caughtUp, lagging, MINUTE, SECOND, START, Watch } from './fixtures.ts';

function firing(): Watch {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  return watch;
}

function refusal(code: string): Error {
  return expect.objectContaining({ name: 'EngineRequestError', code }) as Error;
}

test('an acknowledgement names who and why, and is told, kept and logged at once', () => {
  const watch = firing();
  const answer = watch.manager.acknowledge(watch.alert.id, 'ana', 'known, vacuuming');
  const acknowledged = { by: 'ana', at: new Date(START + SECOND), note: 'known, vacuuming' };
  expect(answer).toMatchObject({ state: 'firing', acknowledged });
  expect(watch.published.at(-1)).toEqual(answer);
  expect(watch.storage.alert(answer.id)).toEqual(answer);
  expect(watch.logged.at(-1)).toBe('info alert acknowledged by ana: known, vacuuming');
  watch.during(MINUTE, lagging());
  expect(watch.alert.acknowledged).toEqual(acknowledged);
});

test('a silence ends by itself, and its end is told', () => {
  const watch = firing();
  const until = new Date(watch.clock.wall().getTime() + MINUTE);
  watch.manager.silence(watch.alert.id, 'ana', until);
  watch.during(MINUTE, lagging());
  expect(watch.published.at(-1)?.silencedUntil).toEqual(until);
  watch.now(lagging());
  expect(watch.published.at(-1)).toMatchObject({ silencedUntil: null, state: 'firing' });
});

test('a silence holds for the same condition when it comes back, until it is ended', () => {
  const watch = firing();
  const first = watch.alert.id;
  watch.manager.silence(first, 'ana', new Date(START + 600 * MINUTE));
  watch.during(2 * MINUTE, caughtUp());
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.id).not.toBe(first);
  expect(watch.alert.silencedUntil).not.toBeNull();

  // Whichever of the two is named.
  expect(watch.manager.silence(first, 'ben', null)).toMatchObject({ id: first, silencedUntil: null });
  expect(watch.alert.silencedUntil).toBeNull();
  expect(watch.storage.silencedAlerts(watch.clock.wall())).toEqual([]);
  expect(watch.logged.at(-1)).toBe('info silence ended by ben');
  expect(watch.logged.at(-2)).toMatch(/^warn alert firing/);
  watch.during(2 * MINUTE, caughtUp());
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.silencedUntil).toBeNull();
});

test('what cannot be done is refused in words', () => {
  const watch = firing();
  const { id } = watch.alert;
  const { manager, clock } = watch;
  expect(() => manager.acknowledge('nobody', 'ana', '')).toThrow(refusal('NOT_FOUND'));
  expect(() => manager.silence('nobody', 'ana', null)).toThrow(refusal('NOT_FOUND'));
  expect(() => manager.silence(id, 'ana', clock.wall())).toThrow(refusal('INVALID'));
  watch.during(2 * MINUTE, caughtUp());
  expect(() => manager.acknowledge(id, 'ana', '')).toThrow(refusal('CONFLICT'));
  expect(() => manager.acknowledge(id, 'ana', '')).toThrow(/is over since 2026-03-01T12:01:01/);
});

test('a silence is told, kept and logged at once, and so is its end', () => {
  const watch = firing();
  const until = new Date(START + 10 * MINUTE);
  const answer = watch.manager.silence(watch.alert.id, 'ana', until);
  expect(answer.silencedUntil).toEqual(until);
  expect(watch.published.at(-1)).toEqual(answer);
  expect(watch.storage.alert(answer.id)).toEqual(answer);
  expect(watch.logged.at(-1)).toBe('info alert silenced until 2026-03-01T12:10:00.000Z by ana');
  const ended = watch.manager.silence(answer.id, 'ben', null);
  expect(ended.silencedUntil).toBeNull();
  expect(watch.published.at(-1)).toEqual(ended);
  expect(watch.logged.at(-1)).toBe('info silence ended by ben');
});

test('a silence may be made longer and shorter', () => {
  const watch = firing();
  for (const minutes of [10, 20, 5]) {
    const until = new Date(START + minutes * MINUTE);
    watch.manager.silence(watch.alert.id, 'ana', until);
    expect(watch.published.at(-1)?.silencedUntil).toEqual(until);
  }
});

test('what a person does is done to the alert that is named, and its line in the log says of what', () => {
  const watch = new Watch();
  const lost = condition(
    'connection-lost',
    { server: 'db1' },
    { status: 'true', severity: 'CRITICAL', summary: 'No connection', evidence: 'refused', forMs: 0 },
  );
  watch.now(lost, lagging({ forMs: 0 }));
  const [, second] = watch.manager.open();
  const id = second?.id ?? '';
  watch.manager.acknowledge(id, 'ana', '');
  watch.manager.silence(id, 'ana', new Date(START + MINUTE));
  watch.manager.silence(id, 'ana', null);
  watch.manager.unacknowledge(id, 'ana');
  const of = { alert: id, rule: 'lag', pair: 'orders', server: null, table: null };
  expect(watch.loggedOf.slice(-4)).toEqual([of, of, of, of]);
  expect(watch.logged.at(-4)).toBe('info alert acknowledged by ana');
  expect(watch.published.slice(-4).map((alert) => alert.id)).toEqual([id, id, id, id]);
});
