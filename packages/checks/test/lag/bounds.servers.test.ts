import { type OwnPair, pausingProxy, startPair } from '@lockstep/servers';
import { patienceMs, patient, soonSilentMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { provedAfter, watchLag } from '../support/lag-watch.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  beforeAll(async () => {
    pair = await startPair({ flavour });
    await pair.source.query('CREATE DATABASE d');
    await pair.source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await pair.source.query('INSERT INTO d.t VALUES (1, 1)');
  });
  afterAll(() => pair.remove());

  test('a source that only Lockstep did not reach for a while is not taken for one that wrote nothing', async () => {
    const proxy = await pausingProxy(pair.source.port);
    await using watch = watchLag({ source: pair.source, target: pair.target }, [{}], {
      ports: { source: proxy.port },
      silentAfterMs: soonSilentMs,
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const lock = await pair.target.connect();
    await lock.query('LOCK TABLES d.t READ');
    proxy.pause();
    await pair.source.query('UPDATE d.t SET v = v + 1');
    await watch.samplesMore(40);
    const from = watch.samples('pair').length;
    const told = watch.states('pair').length;
    proxy.resume();
    await vi.waitFor(() => {
      expect(watch.samples('pair').slice(from)).toContainEqual(
        expect.objectContaining({ lagMs: expect.any(Number) as number }),
      );
      expect(watch.state().state).toBe('lagging');
    }, patient);
    expect(
      watch
        .states('pair')
        .slice(told)
        .map(({ state }) => state),
    ).not.toContain('in-sync');
    await lock.query('UNLOCK TABLES');
    await lock.end();
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await proxy.close();
  });

  test.runIf(flavour === 'mysql')(
    'what a source sent and still commits is neither lost by it nor errant on the target',
    async () => {
      await using watch = watchLag({ source: pair.source, target: pair.target });
      await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
      await stallCommits(pair.source, patienceMs);
      const connection = await pair.source.connect();
      const commit = connection.query('UPDATE d.t SET v = v + 1');
      const from = watch.samples('pair').length;
      await watch.samplesMore(30);
      await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
      const unknown = watch
        .samples('pair')
        .slice(from)
        .filter(({ lagMs }) => lagMs === null);
      // A busy machine is silent for a moment, which is another reason.
      const doubts = unknown.filter(({ evidence }) => !evidence.includes('source has not answered for'));
      expect(doubts).toEqual([]);
      await letCommitsGo(pair.source);
      await commit;
      await connection.end();
    },
  );

  test('a source whose history was reset is doubted at once, and until both histories were compared', async () => {
    // More than it will have when it is seen again: what is written anew before anybody looks hides that it was reset.
    for (let i = 0; i < 100; i++) await pair.source.query('UPDATE d.t SET v = v + 1');
    await using watch = watchLag({ source: pair.source, target: pair.target }, [{}], {
      statusIntervalMs: 2000,
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
    await pair.source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    for (let i = 0; i < 20; i++) await pair.source.query('UPDATE d.t SET v = v + 1');
    const reset = Date.now();
    await watch.samplesMore(70);
    expect(provedAfter(reset, watch.samples('pair')).map(({ evidence }) => evidence)).toEqual([]);
    expect(watch.sample().evidence).toMatch(/its history was reset or restored/);
  });
});
