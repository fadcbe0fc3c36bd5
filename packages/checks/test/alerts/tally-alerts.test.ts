import { expect, test } from 'vitest';
import { condition } from '../../src/alerts/condition/condition.ts';
import { tallyAlerts } from '../../src/alerts/tally-alerts.ts';
import type { Alert } from '../../src/model/alert.ts';
import { SECOND, Watch } from './fixtures.ts';

test('open alerts are counted by what they are about, rule, severity and state', () => {
  const watch = new Watch();
  const differs = (table: string, forMs: number) => ({
    ...condition(
      'table-different',
      { pair: 'orders', table: { schema: 's', table } },
      { status: 'true', severity: 'CRITICAL', summary: 'Table differs', evidence: '1 row differs' },
    ),
    forMs,
  });
  const gone = {
    ...condition(
      'connection-lost',
      { server: 'replica' },
      { status: 'true', severity: 'CRITICAL', summary: 'Server gone', evidence: 'refused' },
    ),
    forMs: 0,
  };
  expect(watch.manager.tally()).toEqual([]);
  watch.during(2 * SECOND, differs('a', 0), differs('b', 0), differs('c', 9_000), gone);
  const of = { server: null, rule: 'table-different', severity: 'CRITICAL', pair: 'orders' };
  expect(watch.manager.tally()).toEqual([
    { ...of, state: 'firing', count: 2 },
    { ...of, state: 'pending', count: 1 },
    { ...of, pair: null, server: 'replica', rule: 'connection-lost', state: 'firing', count: 1 },
  ]);
});

test('each subject, rule and severity is counted for itself, and what is over is not', () => {
  const alert = (changes: Partial<Alert>) =>
    ({
      alert: { pair: null, server: null, rule: 'lag', severity: 'WARNING', state: 'firing', ...changes },
    }) as { alert: Alert };
  const counts = tallyAlerts([
    alert({ pair: 'a' }),
    alert({ pair: 'b' }),
    alert({ server: 'a' }),
    alert({ server: 'b' }),
    alert({}),
    alert({ pair: 'a', severity: 'CRITICAL' }),
    alert({ pair: 'a', state: 'pending' }),
    alert({ pair: 'a', state: 'resolved' }),
    alert({}),
    alert({ pair: 'a' }),
  ]).map(({ pair, server, severity, state, count }) => [pair, server, severity, state, count]);
  expect(counts).toEqual([
    ['a', null, 'WARNING', 'firing', 2],
    ['b', null, 'WARNING', 'firing', 1],
    [null, 'a', 'WARNING', 'firing', 1],
    [null, 'b', 'WARNING', 'firing', 1],
    [null, null, 'WARNING', 'firing', 2],
    ['a', null, 'CRITICAL', 'firing', 1],
    ['a', null, 'WARNING', 'pending', 1],
  ]);
});
