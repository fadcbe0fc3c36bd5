import { caughtUp, startPair, startReplica, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { provedAfter, watchLag } from '../support/lag-watch.ts';

test.each(flavours)(
  'on %s a source that lost its history before the watch began is not believed when its numbers come beyond it',
  async (flavour) => {
    await using pair = await startPair({ flavour });
    const { source, target } = pair;
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    for (let id = 0; id < 10; id++) await source.query('INSERT INTO d.t VALUES (?, 1)', [id]);
    await caughtUp(source, target);
    await stopReplica(target);
    await source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    await source.query('UPDATE d.t SET v = 2 WHERE id = 0');
    await using watch = watchLag({ source, target });
    const lost = 'its history was reset or restored';
    await vi.waitFor(
      () => expect(watch.sample().evidence).toContain(`itself does not have: ${lost}`),
      patient,
    );
    for (let i = 0; i < 40; i++) await source.query('UPDATE d.t SET v = v + 1 WHERE id = 1');
    const written = Date.now();
    await startReplica(target);
    await caughtUp(source, target);
    await watch.samplesMore(20);
    const [{ v } = {}] = await target.query('SELECT v FROM d.t WHERE id = 0');
    expect(v).toBe(1);
    expect(provedAfter(written, watch.samples('pair')).map(({ evidence }) => evidence)).toEqual([]);
    expect(watch.sample().evidence).toContain(lost);
  },
);
