import { startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

const place = /^SHOW (BINARY LOG|MASTER) STATUS$/;

describe.each(flavours)('on %s', (flavour) => {
  test('a source is asked for its place in its binlog once a second at most, and its lag is known in between', async () => {
    await using pair = await startPair({ flavour, gtid: false });
    await using watch = watchLag({ source: pair.source, target: pair.target });
    const began = performance.now();
    let asked = 0;
    let last = 0;
    const source = watch.manager.get('source');
    const ask = source.queryTogether.bind(source);
    vi.spyOn(source, 'queryTogether').mockImplementation((statements, options) => {
      if (statements.some((sql) => place.test(sql))) [asked, last] = [asked + 1, performance.now()];
      return ask(statements, options);
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const from = watch.samples('pair').length;
    await vi.waitFor(() => expect(asked).toBeGreaterThan(5), patient);
    // Over all of them: where the machine is busy one may be seen late, and the next in time.
    expect(last - began).toBeGreaterThan((asked - 1) * 1_000 - 10);
    // A process that was held up does not know the lag for a moment.
    const known = () =>
      watch
        .samples('pair')
        .slice(from)
        .filter(({ lagMs }) => lagMs !== null);
    await vi.waitFor(() => expect(known().length).toBeGreaterThan(asked), patient);
    for (const { lagMs, uncertaintyMs } of known()) {
      expect(lagMs).toBe(0);
      expect(uncertaintyMs).not.toBeNull();
    }
  });
});
