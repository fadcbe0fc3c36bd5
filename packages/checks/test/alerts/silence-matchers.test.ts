import { expect, test } from 'vitest';
import { milder, worse } from '../../src/alerts/severity.ts';
import { aboutAlerts } from '../../src/alerts/silences/about.ts';
import { matcherOf } from '../../src/alerts/silences/matcher.ts';
import type { PairConfig } from '../../src/config.ts';
import type { Alert } from '../../src/model/alert.ts';
import { lagging, Watch } from './fixtures.ts';

const config = (name: string, source: string, target: string, labels: Record<string, string> | undefined) =>
  ({ name, source, target, labels }) as PairConfig;

const about = aboutAlerts([
  config('a', 's', 't', { env: 'prod', team: 'shop' }),
  config('b', 's', 'u', { env: 'prod', team: 'mail' }),
  config('c', 's', 'v', { env: 'prod', team: 'shop' }),
  config('d', 'w', 'v', undefined),
]);
const of = (subject: { pair?: string; server?: string }) =>
  about({ rule: 'lag', pair: null, server: null, tableName: null, ...subject } as Alert);

test('an alert of a pair is about both its servers, with the labels of the pair', () => {
  expect(of({ pair: 'b' })).toEqual({
    rule: 'lag',
    pair: 'b',
    servers: ['s', 'u'],
    table: null,
    labels: { env: 'prod', team: 'mail' },
  });
  expect(of({ pair: 'd' })).toMatchObject({ servers: ['w', 'v'], labels: {} });
  expect(of({ pair: 'gone' })).toMatchObject({ servers: [], labels: {} });
  expect(of({ pair: 'b', server: 'u' }).servers).toEqual(['u', 's']);
});

test('an alert of a server has the labels that all pairs have of which it is a side', () => {
  expect(of({ server: 's' })).toMatchObject({ servers: ['s'], labels: { env: 'prod' } });
  expect(of({ server: 't' }).labels).toEqual({ env: 'prod', team: 'shop' });
  expect(of({ server: 'v' }).labels).toEqual({});
  expect(of({ server: 'elsewhere' }).labels).toEqual({});
  expect(of({})).toMatchObject({ servers: [], labels: {} });
});

test('a pattern of pairs fits no alert that is of none, be it any', () => {
  expect(matcherOf({ pair: '*' })(of({ server: 's' }))).toBe(false);
  expect(matcherOf({ pair: 'null' })(of({ server: 's' }))).toBe(false);
  expect(matcherOf({ pair: '*' })(of({ pair: 'a' }))).toBe(true);
});

test('of several patterns each has one to two hundred characters', () => {
  const long = 'x'.repeat(200);
  expect(matcherOf({ pair: long, rule: '*' })(of({ pair: long }))).toBe(true);
  expect(() => matcherOf({ pair: `${long}x`, rule: '*' })).toThrow('1 to 200 characters');
  expect(() => matcherOf({ pair: '*', labels: { env: '' } })).toThrow('1 to 200 characters');
});

test('what an earlier configuration had of maintenance is gone, though a person did something to it', () => {
  const watch = new Watch();
  const { id: _, ...made } = watch.book.add(
    {
      matcher: { pair: 'orders' },
      from: null,
      until: new Date(watch.clock.wall().getTime() + 1_000),
      recurrence: null,
      note: '',
    },
    'ana',
  );
  watch.storage.recordSilence({ ...made, id: 'maintenance: nightly', by: null });
  watch.book.recall();
  watch.now(lagging({ forMs: 0 }));
  expect(watch.book.list()).toHaveLength(1);
});

test('of two severities one is worse and one milder', () => {
  expect([worse('INFO', 'CRITICAL'), worse('CRITICAL', 'WARNING')]).toEqual(['CRITICAL', 'CRITICAL']);
  expect([milder('INFO', 'CRITICAL'), milder('CRITICAL', 'WARNING')]).toEqual(['INFO', 'WARNING']);
});
