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
    const asked: number[] = [];
    const source = watch.manager.get('source');
    const ask = source.queryTogether.bind(source);
    vi.spyOn(source, 'queryTogether').mockImplementation((statements, options) => {
      if (statements.some((sql) => place.test(sql))) asked.push(performance.now());
      return ask(statements, options);
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const from = watch.samples('pair').length;
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(3), patient);
    const gaps = asked.slice(1).map((at, index) => at - asked[index]!);
    expect(Math.min(...gaps)).toBeGreaterThan(990);
    const samples = watch.samples('pair').slice(from);
    expect(samples.length).toBeGreaterThan(asked.length);
    for (const { lagMs, uncertaintyMs } of samples) {
      expect(lagMs).toBe(0);
      expect(uncertaintyMs).not.toBeNull();
    }
  });
});
