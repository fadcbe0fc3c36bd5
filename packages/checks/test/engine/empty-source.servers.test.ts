import { startPair, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a source’s name that moves to a server without any transaction is no source that the target has all of', async () => {
    await using pair = await startPair({ flavour });
    await using empty = await startServer({ flavour });
    const { source, target } = pair;
    await source.query('CREATE DATABASE d');
    let to = source;
    const address = await forward(() => to.port);
    const { engine } = startEngine({
      servers: { source, target },
      reach: {
        source: { port: address.port, password: () => Promise.resolve(to.monitor.password) },
      },
      pairs: [pairConfig(['d.*'], { checks: noChecks })],
    });
    const is = () => engine.pair('pair');
    await vi.waitFor(() => expect(is()?.state).toBe('in-sync'), patient);
    to = empty;
    address.cut();
    await vi.waitFor(
      () =>
        expect(is()).toMatchObject({
          state: 'unknown',
          evidence: expect.stringMatching(
            /source has no GTIDs yet, and target does not read from it itself/,
          ) as string,
          lag: { lagMs: null },
        }),
      patient,
    );
    to = source;
    address.cut();
    await vi.waitFor(() => expect(is()?.state).toBe('in-sync'), patient);
  });
});
