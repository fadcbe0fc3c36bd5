import { caughtUp, replicate, startPair, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { provedAfter, watchLag } from '../support/lag-watch.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a source that was started without a binary log is not said to be followed, since what it writes comes to nobody', async () => {
    await using pair = await startPair({ flavour });
    await using far = await startServer({ flavour });
    await replicate(far, pair.target);
    const { source, target } = pair;
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    await caughtUp(source, far);
    await using watch = watchLag({ source, target, far }, [{}, { name: 'far', target: 'far' }]);
    const known = () => {
      for (const pair of ['pair', 'far']) expect(watch.sample(pair)).toMatchObject({ lagMs: 0 });
    };
    await vi.waitFor(known, patient);
    await source.stop();
    await source.start({ more: ['--skip-log-bin'] });
    await source.query('INSERT INTO d.t VALUES (1)');
    const written = Date.now();
    await vi.waitFor(() => expect(watch.server('source').connection).toBe('connected'), patient);
    await watch.samplesMore(30);
    await watch.samplesMore(10, 'far');
    for (const pair of ['pair', 'far']) {
      expect(provedAfter(written, watch.samples(pair))).toEqual([]);
      expect(watch.sample(pair).evidence).toContain('the binary log of source is off');
    }
    expect(watch.state('far').state).toBe('unknown');
    await source.stop();
    await source.start();
    await vi.waitFor(() => expect(watch.sample('far')).toMatchObject({ lagMs: 0 }), patient);
  });
});
