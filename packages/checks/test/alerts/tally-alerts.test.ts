import { expect, test } from 'vitest';
import { condition } from '../../src/alerts/condition/condition.ts';
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
