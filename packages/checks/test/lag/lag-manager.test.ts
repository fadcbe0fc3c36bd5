import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { channelsOf, comesTo, config, counts, knows, pairOf, row, watching } from './watched-servers.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test('each server is looked at once for all its pairs, and each target read once, spread over the interval', async () => {
  const { lag, asked, pass, samples, statuses } = watching();
  lag.start();
  await pass(0);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 0, 0]);
  await pass(130);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 0, 0]);
  await pass(5);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 1, 0]);
  await pass(265);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([2, 1, 1]);
  expect(asked('db1', channelsOf)).toBe(0);
  await pass(4000);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([12, 11, 11]);
  expect(new Set(samples.map(({ pair }) => pair))).toEqual(new Set(['to-db2', 'to-db3']));
  expect(new Set(statuses.map(({ pair }) => pair))).toEqual(new Set(['to-db2', 'to-db3']));
});

test('what is known of a pair is told by its name, and a name that is not configured is a mistake', async () => {
  const { lag, pass, samples, states } = watching();
  expect([lag.sample('to-db2'), lag.replication('to-db2'), lag.route('to-db2')]).toEqual([null, null, null]);
  expect(lag.state('to-db2')).toMatchObject({ state: 'unknown', evidence: 'not measured yet' });
  lag.start();
  await pass(3000);
  expect(lag.sample('to-db2')).toBe(samples.findLast(({ pair }) => pair === 'to-db2'));
  expect(lag.sample('to-db2')).toMatchObject({ lagMs: 0 });
  expect(lag.replication('to-db3')).toMatchObject({ pair: 'to-db3', direct: true });
  expect(lag.state('to-db2')).toMatchObject({ state: 'in-sync' });
  expect(states).toContainEqual(['to-db2', expect.objectContaining({ state: 'in-sync' })]);
  expect(lag.route('to-db2')).toMatchObject({ kind: 'mariadb-gtid' });
  expect(lag.groups()).toEqual([]);
  expect(lag.joining('db2')).toBeNull();
  expect(lag.takeForWhole('none', 'somebody')).toBeNull();
  expect(() => lag.sample('other')).toThrow('no pair is named other');
});

test('once stopped, nothing is asked and nothing told', async () => {
  const { lag, pass, samples, statuses, asked } = watching();
  lag.start();
  await pass(2000);
  lag.stop();
  const before = [samples.length, statuses.length, asked('db1', ''), asked('db2', '')];
  await pass(5000);
  expect([samples.length, statuses.length, asked('db1', ''), asked('db2', '')]).toEqual(before);
});

test('for somebody who waits all servers are looked at now', async () => {
  const { lag, pass, asked } = watching();
  lag.start();
  lag.hasten();
  await pass(0);
  expect(counts(asked, 'gtid_binlog_pos')).toEqual([1, 1, 1]);
});

test('a status is read at once when a server of its pairs answers for the first time, and again after it did not', async () => {
  const { lag, pass, asked, get } = watching();
  lag.start();
  await pass(134);
  // Its own is due at 0; that of db1 and then that of db2 answered for the first time.
  const first = asked('db2', channelsOf);
  await pass(200);
  expect(asked('db2', channelsOf)).toBe(first);
  get('db1').fails = () => {
    throw get('db1').fault('timeout');
  };
  await pass(400);
  get('db1').fails = null;
  const [before, status] = [asked('db1', ''), asked('db2', channelsOf)];
  let ms = 0;
  while (asked('db1', '') === before) {
    await pass(10);
    ms += 10;
  }
  expect(ms).toBeLessThanOrEqual(400);
  expect(asked('db2', channelsOf)).toBeGreaterThan(status);
});

test('a source that falls back is told to its pairs', async () => {
  const { lag, pass, get } = watching();
  lag.start();
  await pass(3000);
  comesTo(get('db1'), 3);
  await pass(400);
  expect(lag.sample('to-db2')?.evidence).toMatch(/db1 does not have any more what it had before/);
});

test('a pair that replicated before this program started has vanished, another was never configured', async () => {
  const { lag, pass, get } = watching(undefined, ['to-db2']);
  get('db2').says.delete(channelsOf);
  get('db3').says.delete(channelsOf);
  lag.start();
  await pass(1500);
  expect([lag.state('to-db2').state, lag.state('to-db3').state]).toEqual(['vanished', 'not-configured']);
});

test('what is not known from before was not replicated, by the clock of the machine', async () => {
  const { lag, pass, get } = watching(undefined, null);
  get('db2').says.delete(channelsOf);
  lag.start();
  await pass(1500);
  expect([lag.state('to-db2').state, lag.state('to-db3').state]).toEqual(['not-configured', 'in-sync']);
});

test('the readings are spread over their interval, whoever cannot be reached', async () => {
  const { lag, pass, get, statuses } = watching();
  for (const name of ['db1', 'db2', 'db3']) get(name).facts = null;
  lag.start();
  await pass(1400);
  const at = (pair: string) =>
    statuses.filter((status) => status.pair === pair).map((status) => Number(status.at));
  expect(at('to-db2')).toEqual([0, 1000]);
  expect(at('to-db3')).toEqual([500]);
});

test('a source may be silent for three looks, and for a second', async () => {
  const { lag, pass, get } = watching();
  lag.start();
  await pass(3200);
  get('db1').fails = () => {
    throw get('db1').fault('timeout', 'db1: no answer');
  };
  // Asked last at 3200.
  await pass(1140);
  expect(lag.sample('to-db3')).toMatchObject({ lagMs: 0 });
  await pass(400);
  expect(lag.sample('to-db3')?.evidence).toMatch(/^lag unknown: db1: no answer/);
});

test('another source that falls back is no doubt of this one', async () => {
  const all = watching([pairOf('db2'), pairConfig([], { name: 'other', source: 'db3', target: 'db1' })]);
  all.lag.start();
  await all.pass(3000);
  comesTo(all.get('db3'), 3);
  await all.pass(400);
  expect(all.lag.sample('to-db2')).toMatchObject({ lagMs: 0 });
});

test('where the status may not be read GTIDs alone are the way, unless another server has the source’s id', async () => {
  const all = watching([pairOf('db2'), pairOf('db3')]);
  all.get('db2').says.set(channelsOf, all.get('db2').fault('privilege'));
  await knows(all);
  expect(all.lag.route('to-db2')).toMatchObject({ kind: 'mariadb-gtid' });
  const twin = watching([pairOf('db2'), pairOf('db3')]);
  twin.get('db3').facts = { ...twin.get('db3').facts!, serverId: '1' };
  twin.get('db2').says.set(channelsOf, twin.get('db2').fault('privilege'));
  await knows(twin);
  expect(twin.lag.route('to-db2')?.kind ?? null).toBeNull();
});

test('a channel that reads from another known server with the id of the source does not read from the source', async () => {
  const direct = async (id: string) => {
    const all = watching();
    all.get('db3').facts = { ...all.get('db3').facts!, serverId: id };
    all.get('db2').says.set(channelsOf, [{ ...row, Master_Host: 'db3.local' }]);
    await knows(all);
    return all.lag.replication('to-db2')?.direct;
  };
  expect(await direct('3')).toBe(true);
  expect(await direct('1')).toBe(false);
});

test('what comes after the end is asked nothing', async () => {
  const all = watching([pairOf('db2')]);
  all.lag.start();
  await all.pass(1000);
  all.lag.stop();
  all.lag.reconfigure([pairOf('db3')], config);
  await all.pass(1000);
  expect(all.asked('db3', '')).toBe(0);
});
