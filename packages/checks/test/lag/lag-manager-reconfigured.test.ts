import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { channelsOf, config, counts, knows, lagOf, pairOf, server, watching } from './watched-servers.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test('what is configured as before goes on with all that is known of it', async () => {
  const all = watching();
  const before = await knows(all);
  const asked = counts(all.asked, 'gtid_binlog_pos');
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], { ...config })).toEqual(
    new Set(['to-db2', 'to-db3']),
  );
  expect(all.lag.sample('to-db2')).toBe(before.get('to-db2'));
  const read = counts(all.asked, channelsOf);
  await all.pass(1);
  expect(counts(all.asked, channelsOf)).toEqual(read);
  await all.pass(399);
  expect(counts(all.asked, 'gtid_binlog_pos')).toEqual(asked.map((count) => count + 1));
});

test('what of a pair’s settings replication is not watched by changes nothing of it', async () => {
  const all = watching();
  const before = await knows(all);
  const throttle = { maxLagMs: 5, maxThreadsRunning: null, maxFlowControl: null };
  const on = all.lag.reconfigure([pairOf('db2', { throttle }), pairOf('db3')], config);
  expect(on).toEqual(new Set(['to-db2', 'to-db3']));
  expect(all.lag.sample('to-db2')).toBe(before.get('to-db2'));
});

test('a pair that is gone is told of no more, nor are its servers asked', async () => {
  const all = watching();
  await knows(all);
  expect(all.lag.reconfigure([pairOf('db2')], config)).toEqual(new Set(['to-db2']));
  expect(() => all.lag.sample('to-db3')).toThrow();
  const [told, asked] = [all.samples.length, all.asked('db3', '')];
  await all.pass(2000);
  expect(all.asked('db3', '')).toBe(asked);
  expect(all.samples.slice(told).every(({ pair }) => pair === 'to-db2')).toBe(true);
  expect(all.samples.length).toBeGreaterThan(told);
});

test('a pair that comes is watched at once, with what is known of its source', async () => {
  const all = watching([pairOf('db2')]);
  all.lag.start();
  await all.pass(3000);
  expect(all.asked('db3', '')).toBe(0);
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], config)).toEqual(new Set(['to-db2']));
  await all.pass(1400);
  expect(all.lag.state('to-db3').state).toBe('in-sync');
  expect(all.lag.state('to-db2').state).toBe('in-sync');
});

test('before it is started nothing that comes is asked either', async () => {
  const all = watching([pairOf('db2')]);
  all.lag.reconfigure([pairOf('db2'), pairOf('db3')], config);
  await all.pass(3000);
  expect(counts(all.asked, '')).toEqual([0, 0, 0]);
});

test('at other intervals all is watched anew', async () => {
  const all = watching();
  await knows(all);
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], { ...config, sampleIntervalMs: 100 })).toEqual(
    new Set(),
  );
  expect(all.lag.sample('to-db2')).toBeNull();
  const before = counts(all.asked, 'gtid_binlog_pos');
  await all.pass(1000);
  const after = counts(all.asked, 'gtid_binlog_pos');
  for (const [i, count] of after.entries()) expect(count - before[i]!).toBeGreaterThanOrEqual(9);
});

test('a server that is another object is another server: its pairs are watched anew, from the source on', async () => {
  const all = watching([
    pairOf('db2'),
    pairOf('db3'),
    pairConfig([], { name: 'other', source: 'db3', target: 'db2' }),
  ]);
  await knows(all);
  const old = all.get('db3');
  all.servers.set('db3', server('db3'));
  const on = all.lag.reconfigure(
    [pairOf('db2'), pairOf('db3'), pairConfig([], { name: 'other', source: 'db3', target: 'db2' })],
    config,
  );
  expect(on).toEqual(new Set(['to-db2']));
  const asked = old.asked.length;
  await all.pass(2000);
  expect(old.asked.length).toBe(asked);
  expect(all.asked('db3', 'gtid_binlog_pos')).toBeGreaterThan(3);
  expect(all.asked('db3', channelsOf)).toBeGreaterThan(0);
  expect(all.lag.state('to-db3').state).toBe('in-sync');
});

test('a source that is another object begins anew for all its pairs', async () => {
  const all = watching();
  await knows(all);
  all.servers.set('db1', server('db1'));
  expect(all.lag.reconfigure([pairOf('db2'), pairOf('db3')], config)).toEqual(new Set());
  await all.pass(2000);
  expect([lagOf(all, 'to-db2'), lagOf(all, 'to-db3')]).toEqual([0, 0]);
});
