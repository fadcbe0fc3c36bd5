import { patient } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a source is asked once for all its pairs, and by one connection', async () => {
    const { source, target } = await sharedPair(flavour);
    const names = ['one', 'two', 'three', 'four'];
    const targets = Object.fromEntries(names.map((name) => [name, target]));
    await using watch = watchLag(
      { source, ...targets },
      names.map((name) => ({ name, target: name })),
    );
    const asked = vi.spyOn(watch.manager.get('source'), 'queryTogether');
    const samples = () => names.map((name) => watch.samples(name).length);
    const before = samples();
    asked.mockClear();
    await vi.waitFor(
      () => samples().forEach((count, index) => expect(count - (before[index] ?? 0)).toBeGreaterThan(20)),
      patient,
    );
    const statements = asked.mock.calls.filter(([, options]) => options?.lane === 'sampler').length;
    const told = samples().reduce((sum, count, index) => sum + count - (before[index] ?? 0), 0);
    // Four pairs were told as many times each as the source was asked, give or take what a busy machine skips.
    expect(statements).toBeGreaterThan(0);
    expect(statements).toBeLessThan(told / 2);
  });
});
