import { expect, test } from 'vitest';
import { condition } from '../../src/alerts/condition/condition.ts';
import { mentioned, whyGone } from '../../src/alerts/why-gone.ts';
import type { Alert } from '../../src/model/alert.ts';
import { alertsConfig, caughtUp, lagging, Watch } from './fixtures.ts';

const different = condition(
  'table-different',
  { pair: 'orders', table: { schema: 'shop', table: 'items' } },
  { status: 'true', severity: 'CRITICAL', summary: 'Table is different', evidence: '3 rows', forMs: 0 },
);
const lost = condition(
  'connection-lost',
  { server: 'db1' },
  { status: 'true', severity: 'CRITICAL', summary: 'No connection', evidence: 'refused', forMs: 0 },
);

test('a rule that is switched off raises nothing', () => {
  const watch = new Watch({ config: { severities: { lag: null } } });
  watch.now(lagging({ forMs: 0 }), different);
  expect(watch.manager.open().map(({ rule }) => rule)).toEqual(['table-different']);
});

test('a configured severity replaces that of the rule, at both thresholds', () => {
  const watch = new Watch({ config: { severities: { lag: 'INFO' } } });
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.severity).toBe('INFO');
  watch.now(lagging({ severity: 'CRITICAL' }));
  expect(watch.alert.severity).toBe('INFO');

  const louder = new Watch({ config: { severities: { lag: 'CRITICAL' } } });
  louder.now(lagging({ forMs: 0 }));
  louder.now(caughtUp({ keeps: 'WARNING' }));
  expect(louder.alert.severity).toBe('CRITICAL');
});

test.each([
  { gone: 'the pair', still: [lost], evidence: 'pair orders is not in the configuration any more' },
  { gone: 'the table', still: [lost, caughtUp()], evidence: 'table shop.items is not compared any more' },
])('$gone that is not there any more ends its alert, saying so', ({ still, evidence }) => {
  const watch = new Watch();
  watch.now(different, lost, caughtUp());
  watch.now(...still);
  expect(watch.manager.open().map(({ rule }) => rule)).toEqual(['connection-lost']);
  expect(watch.published.at(-1)).toMatchObject({ rule: 'table-different', state: 'resolved', evidence });
});

test('a server that is not there any more ends its alert, saying so', () => {
  const watch = new Watch();
  watch.now(lost);
  watch.now(different);
  expect(watch.published.find(({ state }) => state === 'resolved')?.evidence).toBe(
    'server db1 is not in the configuration any more',
  );
});

test('why nobody judges an alert any more is said by what it was about', () => {
  const why = (about: Partial<Alert>) =>
    whyGone(
      { rule: 'lag', pair: null, server: null, table: null, ...about } as Alert,
      { pairs: new Set(['orders']), servers: new Set(['db1']) },
      { ...alertsConfig, severities: { 'clock-wrong': null } },
    );
  expect(why({ rule: 'clock-wrong', server: 'gone' })).toContain('rule clock-wrong is switched off');
  expect(why({ pair: 'gone', server: 'gone' })).toContain('pair gone is not in the configuration');
  expect(why({ pair: 'orders', server: 'gone' })).toContain('server gone is not in the configuration');
  expect(why({ rule: 'internal-error', server: 'db1' })).toContain('since Lockstep was started again');
  expect(why({ pair: 'orders', table: 'shop.items' })).toBe('table shop.items is not compared any more');
  expect(why({ pair: 'orders', server: 'db1' })).toBe('this is not watched any more');
});

test('without a word of what is configured, that is what conditions mention', () => {
  const { pairs, servers } = mentioned([different, lost]);
  expect([[...pairs], [...servers]]).toEqual([['orders'], ['db1']]);
});
