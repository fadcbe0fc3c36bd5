import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PairConfig } from '../../src/config.ts';
import { pairConfig } from '../support/config.ts';
import { channelsOf, config, knows, pairOf, row, watching } from './watched-servers.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test('once a column is masked errors are told without values, and the status is read anew for it', async () => {
  const all = watching();
  const error = { ...row, Last_SQL_Errno: 1062, Last_SQL_Error: "Duplicate entry 'secret' for key 'k'" };
  all.get('db2').says.set(channelsOf, [error]);
  await knows(all);
  const told = () => all.lag.replication('to-db2')?.channel?.applierError?.message;
  expect(told()).toContain('secret');
  const masked = { match: '*', ignoreColumns: [], maskColumns: ['c'], method: null, where: null };
  const none = { ...masked, maskColumns: [] };
  const tables = (...overrides: (typeof masked)[]) => ({ include: [], exclude: [], overrides });
  const pairs = (...overrides: (typeof masked)[]) => [
    pairOf('db2', { tables: tables(...overrides) }),
    pairOf('db3'),
  ];
  expect(all.lag.reconfigure(pairs(none), config).size).toBe(2);
  await all.pass(1000);
  expect(told()).toContain('secret');
  expect(all.lag.reconfigure(pairs(none, masked), config).size).toBe(2);
  await all.pass(50);
  expect(told()).not.toContain('secret');
  const asked = all.asked('db2', channelsOf);
  await all.pass(3000);
  expect(all.asked('db2', channelsOf) - asked).toBeLessThanOrEqual(4);
});

test('a reader whose server is not connected waits for its turn', async () => {
  const all = watching();
  await knows(all);
  all.get('db2').connected = false;
  const masked = { match: '*', ignoreColumns: [], maskColumns: ['c'], method: null, where: null };
  const asked = [all.asked('db2', channelsOf), all.asked('db3', channelsOf)];
  const tables = { include: [], exclude: [], overrides: [masked] };
  all.lag.reconfigure([pairOf('db3', { tables }), pairOf('db2', { tables })], config);
  await all.pass(1);
  expect([all.asked('db2', channelsOf), all.asked('db3', channelsOf)]).toEqual([asked[0], asked[1]! + 1]);
});

test('two pairs of one target share its reading, and one of them may go', async () => {
  const two = [pairOf('db2'), pairConfig([], { name: 'again', source: 'db3', target: 'db2' })];
  const all = watching(two);
  all.lag.start();
  await all.pass(3000);
  expect(all.lag.replication('again')?.at).toEqual(all.lag.replication('to-db2')?.at);
  all.lag.reconfigure(two.slice(0, 1), config);
  await all.pass(50);
  const told = all.statuses.length;
  await all.pass(3000);
  expect(all.statuses.slice(told).every(({ pair }) => pair === 'to-db2')).toBe(true);
  expect(all.statuses.length).toBeGreaterThan(told);
});

test('two pairs of one target: what changes of one is read for it as it is now', async () => {
  const again = (but: Partial<PairConfig> = {}) =>
    pairConfig([], { name: 'again', source: 'db3', target: 'db2', ...but });
  const all = watching([pairOf('db2'), again()]);
  all.lag.start();
  await all.pass(3000);
  all.lag.reconfigure([pairOf('db2'), again({ lag: { warningMs: 1, criticalMs: 2, forMs: 0 } })], config);
  await all.pass(1500);
  expect(all.lag.replication('again')).not.toBeNull();
  expect(all.lag.replication('to-db2')).not.toBeNull();
});

test('one masked column of one pair hides the values of all pairs of its target, from the next moment on', async () => {
  const error = { ...row, Last_SQL_Errno: 1062, Last_SQL_Error: "Duplicate entry 'secret' for key 'k'" };
  const masked = { match: '*', ignoreColumns: [], maskColumns: ['c'], method: null, where: null };
  const again = (...overrides: (typeof masked)[]) => {
    const tables = { include: [], exclude: [], overrides };
    return pairConfig([], { name: 'again', source: 'db2', target: 'db3', tables });
  };
  const all = watching([pairOf('db2'), pairOf('db3'), again()]);
  all.get('db3').says.set(channelsOf, [error]);
  await knows(all);
  const told = () => JSON.stringify(all.lag.replication('to-db3')?.channels);
  expect(told()).toContain('secret');
  all.lag.reconfigure([pairOf('db2'), pairOf('db3'), again(masked)], config);
  await all.pass(50);
  expect(told()).not.toContain('secret');
});
