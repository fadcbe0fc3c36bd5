import { startReplica, stopReplica } from '@lockstep/servers';
import { patient, soonSilentMs } from '@lockstep/servers/patience';
import { flavours, sharedPair, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { Ticker } from '../../src/time/ticker.ts';
import { sampleIntervalMs, watchLag } from '../support/lag-watch.ts';

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({ flavour, seed: ({ source }) => source.query('CREATE DATABASE d') });

  test('a frozen target is unknown in time, and a pair beside it keeps its cadence', async () => {
    const other = await sharedPair(flavour);
    await using watch = watchLag(
      { source: pair.source, target: pair.target, source2: other.source, target2: other.target },
      [{}, { name: 'other', source: 'source2', target: 'target2' }],
      { silentAfterMs: soonSilentMs },
    );
    await vi.waitFor(() => {
      expect(watch.sample().lagMs).toBe(0);
      expect(watch.sample('other').lagMs).not.toBeNull();
    }, patient);
    // What a sampler does that has nobody else to wait for, as fast as the machine lets it.
    let looks = 0;
    const connection = await other.target.connect();
    const alone = new Ticker({
      intervalMs: sampleIntervalMs,
      phaseMs: 0,
      clock: systemClock,
      job: async () => {
        await connection.query('SELECT 1');
        looks++;
      },
      onError: () => undefined,
    });
    await pair.target.freeze();
    alone.start();
    const before = watch.samples('other').length;
    try {
      await vi.waitFor(() => {
        expect(watch.sample()).toMatchObject({ lagMs: null, method: 'none' });
        // On a busy machine the source may be late before the target is found to be silent.
        expect(watch.sample().evidence).toMatch(/^lag unknown: target.+; last known 0 ms, .+ ago$/);
        expect(watch.state().state).toBe('unknown');
      }, patient);
      await vi.waitFor(() => expect(watch.server('target').connection).not.toBe('connected'), patient);
      expect(watch.server('target').evidence).toContain('no answer within');
    } finally {
      pair.target.thaw();
    }
    alone.stop();
    await connection.end();
    // One that waited for the frozen server, each time until it is given up, would have a tenth of them.
    expect(watch.samples('other').length - before).toBeGreaterThan(looks / 3);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });

  test('a frozen source makes the lag unknown, and it comes back with the source', async () => {
    await using watch = watchLag({ source: pair.source, target: pair.target }, [{}], {
      silentAfterMs: soonSilentMs,
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await pair.source.freeze();
    try {
      await vi.waitFor(() => expect(watch.sample().lagMs).toBeNull(), patient);
      expect(watch.sample().evidence).toMatch(
        /^lag unknown: source.+(has not answered for|no answer within).+; last known 0 ms, .+ ago$/,
      );
      expect(watch.state().state).toBe('unknown');
    } finally {
      pair.source.thaw();
    }
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });

  test('a lag that is older than the watch is an estimate, and says so', async () => {
    await stopReplica(pair.target, 'sql');
    await pair.source.query('CREATE DATABASE missing');
    await using watch = watchLag({ source: pair.source, target: pair.target });
    await vi.waitFor(
      () =>
        expect(watch.sample()).toMatchObject({
          method: 'estimate',
          uncertaintyMs: null,
          transactionsBehind: 1,
        }),
      patient,
    );
    expect(watch.sample().evidence).toMatch(
      /^estimate: at least .+ older than this watch; 1 transaction behind$/,
    );
    const first = watch.sample().lagMs ?? 0;
    await vi.waitFor(() => expect(watch.sample().lagMs).toBeGreaterThan(first + 300), patient);
    await startReplica(pair.target, 'sql');
    await vi.waitFor(() => expect(watch.sample()).toMatchObject({ method: 'gtid', lagMs: 0 }), patient);
    await pair.source.query('DROP DATABASE missing');
  });

  test('a killed source makes the lag unknown, never 0, and it heals by itself', async () => {
    await using watch = watchLag({ source: pair.source, target: pair.target });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await pair.source.kill9();
    await vi.waitFor(() => expect(watch.sample().lagMs).toBeNull(), patient);
    const from = watch.samples('pair').length;
    await vi.waitFor(() => expect(watch.server('source').connection).toBe('disconnected'), patient);
    // The next sample tells it.
    await vi.waitFor(
      () =>
        expect(watch.state()).toMatchObject({
          state: 'unknown',
          evidence: expect.stringMatching(
            /^lag unknown: source: attempt \d+ failed: connection refused/,
          ) as string,
        }),
      patient,
    );
    expect(
      watch
        .samples('pair')
        .slice(from)
        .every(({ lagMs }) => lagMs === null),
    ).toBe(true);
    await pair.source.start();
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    expect(watch.sample()).toMatchObject({ lagMs: 0, method: 'gtid' });
  });
});
