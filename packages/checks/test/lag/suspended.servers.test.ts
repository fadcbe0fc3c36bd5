import { type OwnPair, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { watchLag } from '../support/lag-watch.ts';

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  beforeAll(async () => {
    pair = await startPair({ flavour });
    await pair.source.query('CREATE DATABASE d');
    await pair.source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await pair.source.query('INSERT INTO d.t VALUES (1, 1)');
  });
  afterAll(() => pair.remove());

  test('a look that the machine was suspended in counts for none: nothing is as young as it seems', async () => {
    const minute = 60_000;
    let sleptMs = 0;
    const clock = { now: () => systemClock.now(), wall: () => new Date(Date.now() + sleptMs) };
    await using watch = watchLag({ source: pair.source, target: pair.target }, [{}], { clock });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const lock = await pair.target.connect();
    await lock.query('LOCK TABLES d.t READ');
    // An answer has come from the source when the lid is closed, and is read when it is open again.
    const source = watch.manager.get('source');
    const ask = source.queryTogether.bind(source);
    const lid = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const asked = vi.spyOn(source, 'queryTogether').mockImplementationOnce(async (...args) => {
      const rows = await ask(...args);
      answered.resolve();
      await lid.promise;
      return rows;
    });
    await answered.promise;
    await pair.source.query('UPDATE d.t SET v = v + 1');
    sleptMs += minute;
    const from = watch.samples('pair').length;
    lid.resolve();
    asked.mockRestore();
    await vi.waitFor(() => expect(watch.samples('pair').length).toBeGreaterThan(from + 20), patient);
    const atMost = watch
      .samples('pair')
      .slice(from)
      .flatMap(({ lagMs, uncertaintyMs }) => (lagMs === null ? [] : [lagMs + (uncertaintyMs ?? Infinity)]));
    expect(atMost.length).toBeGreaterThan(0);
    expect(atMost.filter((ms) => ms < minute)).toEqual([]);
    await lock.query('UNLOCK TABLES');
    await lock.end();
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });
});
