import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { patienceMs } from '@lockstep/servers/patience';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Answers,
  binlogEnd,
  executed,
  gtids,
  place,
  route,
  shownUpTo,
} from '../../support/servers-that-answer.ts';
import { a, at, b, between, quickly, signal } from './between.ts';

test('a source that shows what the target has was seen to hide nothing', async () => {
  const { barrier } = between({ gtid_executed: executed(`${a}:1-5`) }, {});
  expect(await barrier.untilSourceHas(at(`${a}:1-5`), signal)).toBe(0);
});

test('what a MySQL source has sent and not committed is waited for, and how long that took is told', async () => {
  const later = (count: number) => executed(`${a}:1-${count < 3 ? 4 : 5}`);
  const { barrier, source } = between({ gtid_executed: later }, {}, route(), { waitMs: patienceMs });
  expect(await barrier.untilSourceHas(at(`${a}:1-5`), signal)).toBeGreaterThan(0);
  expect(source.asked).toHaveLength(4);
});

test('a source that goes on hiding it is told of, and waited for a second only the next time', async () => {
  const time = quickly();
  let shows = 4;
  const { barrier } = between({ gtid_executed: () => executed(`${a}:1-${shows}`) }, {}, route(), {
    waitMs: 8_000,
  });
  const tookMs = async (until: number) => {
    const began = time.passed();
    await expect(barrier.untilSourceHas(at(`${a}:1-${until}`), signal)).rejects.toThrow(
      new RegExp(`^a does not show ${a}:.* yet, which b has$`),
    );
    return time.passed() - began;
  };
  expect(await tookMs(5)).toBeGreaterThanOrEqual(8_000);
  expect(await tookMs(5)).toBeLessThan(4_000);
  expect(await tookMs(6)).toBeGreaterThanOrEqual(8_000);
  shows = 6;
  await barrier.untilSourceHas(at(`${a}:1-6`), signal);
  shows = 4;
  expect(await tookMs(6)).toBeGreaterThanOrEqual(8_000);
});

test('who is told to end waits for no source', async () => {
  const ended = new AbortController();
  const hiding = () => {
    ended.abort(new Error('enough'));
    return executed(`${a}:1-4`);
  };
  const { barrier } = between({ gtid_executed: hiding }, {}, route(), { waitMs: patienceMs });
  await expect(barrier.untilSourceHas(at(`${a}:1-5`), ended.signal)).rejects.toThrow('enough');
});

test('what the target wrote itself, and what a source that is no replica never gets, is nothing that it hides', async () => {
  const own = between({ gtid_executed: executed(`${a}:1-5`) }, {});
  expect(await own.barrier.untilSourceHas(at(`${a}:1-5,${b}:1-3`), signal)).toBe(0);
  const c = '5e11fa47-71ca-11e1-9e33-c80aa9429562';
  const before = { gtid_executed: executed(`${a}:1-5,${c}:1-2`) };
  const has = at(`${a}:1-5,${c}:1-3`);
  const alone = between({ ...before, 'SHOW REPLICA STATUS': [] }, {});
  expect(await alone.barrier.untilSourceHas(has, signal)).toBe(0);
  const relay = between({ ...before, 'SHOW REPLICA STATUS': [{}] }, {});
  await expect(relay.barrier.untilSourceHas(has, signal)).rejects.toThrow(
    `a does not show ${c}:3 yet, which b has`,
  );
});

test('commits that wait for another replica hide what the target may have, where no GTID tells', async () => {
  const waiting = (sessions: number) => ({
    'semi\\_sync': [{ Value: sessions }, { Value: '0' }],
    'SHOW BINARY LOG STATUS': binlogEnd(100),
  });
  const by = route({ kind: 'file' });
  expect(await between(waiting(0), {}, by).barrier.untilSourceHas(place(90), signal)).toBe(0);
  await expect(between(waiting(1), {}, by).barrier.untilSourceHas(place(90), signal)).rejects.toThrow(
    'a does not show a commit that another replica has to acknowledge yet, and b may have it',
  );
  await expect(between(waiting(2), {}, by).barrier.untilSourceHas(null, signal)).rejects.toThrow(
    'a does not show 2 commits that another replica has to acknowledge yet, and b may have them',
  );
  await expect(between(waiting(0), {}, by).barrier.untilSourceHas(place(101), signal)).rejects.toThrow(
    'a does not have b.000001:101, which b has: its history was reset or restored',
  );
});

const mariadbSource = (shown: number, state: Answers['']) => ({
  binlog_snapshot: shownUpTo(shown),
  gtid_binlog_pos: state,
  'SHOW MASTER STATUS': binlogEnd(100),
  'SHOW ALL SLAVES STATUS': [],
});
const onMariadb = (source: Answers, waitMs = 30) =>
  between(source, {}, route({ kind: 'mariadb-gtid' }), { flavour: 'mariadb', waitMs }).barrier;
const applied = (text: string) => ({ kind: 'mariadb-gtid', text }) as const;

test('MariaDB shows what it wrote up to a place, and what lies behind it the target may have already', async () => {
  const shows = onMariadb(mariadbSource(100, gtids('0-1-9')));
  expect(await shows.untilSourceHas(applied('0-1-9'), signal)).toBe(0);
  const hides = onMariadb(mariadbSource(99, gtids('0-1-9')));
  await expect(hides.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not show 0-1-9 yet, which b has',
  );
  await expect(hides.untilSourceHas(applied('0-1-8'), signal)).rejects.toThrow(
    'a does not show its binlog up to b.000001:100 yet, and b may have it',
  );
  await expect(hides.untilSourceHas(null, signal)).rejects.toThrow(
    'up to b.000001:100 yet, and b may have it',
  );
});

test('on MariaDB, too, it is waited until the source shows it', async () => {
  const later = (count: number) => shownUpTo(count < 2 ? 99 : 100);
  const barrier = onMariadb({ ...mariadbSource(0, gtids('0-1-9')), binlog_snapshot: later }, patienceMs);
  expect(await barrier.untilSourceHas(applied('0-1-9'), signal)).toBeGreaterThan(0);
});

test('what a source has lost of its own never comes to be shown, and it is said that its history is another', async () => {
  const reset = onMariadb(mariadbSource(100, gtids('0-1-3')));
  await expect(reset.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not have 0-1-9, which b has: its history was reset or restored',
  );
});

test('what others wrote, and a source that never was a replica has lost, never comes to be shown', async () => {
  const before = (slavePos: string) => ({
    ...mariadbSource(100, gtids('0-1-9', slavePos, '0-1-9,0-7-3')),
    'SHOW ALL SLAVES STATUS': [],
  });
  await expect(onMariadb(before('')).untilSourceHas(applied('0-7-12'), signal)).rejects.toThrow(
    'a does not have 0-7-12, which b has: its history was reset or restored',
  );
  // One that was may have had less of them than the target, which got them from elsewhere.
  expect(await onMariadb(before('0-7-3')).untilSourceHas(applied('0-7-12'), signal)).toBe(0);
});

test('what a MariaDB source wrote for itself is what it sends, not what it has of others besides', async () => {
  const relay = onMariadb(mariadbSource(99, gtids('0-1-9', '5-3-7', '0-1-9')));
  await expect(relay.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not show 0-1-9 yet, which b has',
  );
});

test('a MariaDB source without a binlog hides what waits for another replica alone', async () => {
  const without = (sessions: number) => ({
    'SHOW MASTER STATUS': [],
    'semi\\_sync': [{ Value: sessions }],
    gtid_binlog_pos: gtids('', '', ''),
    'SHOW ALL SLAVES STATUS': [],
  });
  expect(await onMariadb(without(0)).untilSourceHas(null, signal)).toBe(0);
  await expect(onMariadb(without(1)).untilSourceHas(null, signal)).rejects.toThrow('and b may have it');
});

test('by file MariaDB hides what lies behind the place that it shows', async () => {
  const by = (shown: number) =>
    between(
      { binlog_snapshot: shownUpTo(shown), 'SHOW MASTER STATUS': binlogEnd(100) },
      {},
      route({ kind: 'file' }),
      { flavour: 'mariadb' },
    ).barrier;
  expect(await by(90).untilSourceHas(place(90), signal)).toBe(0);
  await expect(by(80).untilSourceHas(place(90), signal)).rejects.toThrow(
    'a does not show b.000001:90 yet, which b has',
  );
  await expect(by(200).untilSourceHas(place(101), signal)).rejects.toThrow(
    'its history was reset or restored',
  );
});

test('a source that hides something is asked the less often the longer that takes', async () => {
  quickly();
  const sleeps: number[] = [];
  const real = timers.setTimeout;
  timers.setTimeout = ((ms: number) => {
    sleeps.push(ms);
    return Promise.resolve();
  }) as typeof real;
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  });
  const { barrier } = between({ gtid_executed: executed(`${a}:1-4`) }, {}, route(), { waitMs: 8_000 });
  await expect(barrier.untilSourceHas(at(`${a}:1-5`), signal)).rejects.toThrow('does not show');
  expect(sleeps.slice(0, 3)).toEqual([5, 7.5, 11.25]);
  expect(sleeps.at(-1)).toBe(200);
});

test('a source that has written nothing yet has lost nothing of what others wrote', async () => {
  const c = '5e11fa47-71ca-11e1-9e33-c80aa9429562';
  const empty = between({ gtid_executed: executed(''), 'SHOW REPLICA STATUS': [] }, {});
  expect(await empty.barrier.untilSourceHas(at(`${c}:1-3`), signal)).toBe(0);
});

test('a MariaDB source that does not say how far it is hides what lies behind the place that it shows', async () => {
  const silent = onMariadb({ ...mariadbSource(99, []), gtid_binlog_pos: [] });
  await expect(silent.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not show its binlog up to b.000001:100 yet, and b may have it',
  );
  const falls = (count: number) => (count < 2 ? gtids('0-1-9', '', '0-1-9,0-7-3') : []);
  expect(await onMariadb(mariadbSource(100, falls)).untilSourceHas(applied('0-7-12'), signal)).toBe(0);
});

test('a MariaDB source that has written nothing since it was reset has lost what the target has', async () => {
  const reset = onMariadb(mariadbSource(100, gtids('', '', '')));
  await expect(reset.untilSourceHas(applied('0-1-9'), signal)).rejects.toThrow(
    'a does not have 0-1-9, which b has: its history was reset or restored',
  );
});
