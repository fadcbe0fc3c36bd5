import { startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('while this process was held up no server was silent', async () => {
    await using pair = await startPair({ flavour });
    await using watch = watchLag({ source: pair.source, target: pair.target });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const before = watch.samples('pair').length;
    // Behind an answer of the source, and the target is the first to answer after it.
    const source = watch.manager.get('source');
    const ask = source.queryTogether.bind(source);
    const heldUp = Promise.withResolvers<void>();
    vi.spyOn(source, 'queryTogether')
      .mockImplementationOnce(async (...args) => {
        const rows = await ask(...args);
        setImmediate(() => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
          heldUp.resolve();
        });
        return rows;
      })
      .mockImplementationOnce(async (...args) => {
        await watch.samplesMore(1);
        return await ask(...args);
      });
    await heldUp.promise;
    await watch.samplesMore(10);
    const said = watch.samples('pair').slice(before);
    expect(said.filter(({ evidence }) => evidence.includes('has not answered'))).toEqual([]);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });
});
