import { expect, test } from 'vitest';
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
