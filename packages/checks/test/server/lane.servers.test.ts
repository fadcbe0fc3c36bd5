import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { Lane } from '../../src/server/lane.ts';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { ServerFault } from '../../src/server/sql-server.ts';
import { systemClock } from '../../src/time/clock.ts';
import { serverConfig } from '../support/config.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a connection that is opened in the very moment of a reset is closed, and its statement rejects', async () => {
    const { source } = await sharedPair(flavour);
    const reason = new ServerFault('cancelled', 'db', 'db: Lockstep is stopping');
    let opened = 0;
    const lane = new Lane({
      server: 'db',
      size: 1,
      idleMs: 60_000,
      clock: systemClock,
      open: async (signal) => {
        const limits = { lockWaitSeconds: 1, statementMs: unhurriedMs };
        const connection = await SqlConnection.open(serverConfig('db', source), limits, unhurriedMs, signal);
        opened = connection.threadId;
        lane.reset(reason);
        return connection;
      },
      onAbandoned: () => undefined,
      onBroken: () => undefined,
    });
    await expect(lane.query('SELECT 1', [], unhurriedMs)).rejects.toBe(reason);
    await vi.waitFor(
      async () =>
        expect(
          await source.query('SELECT id FROM information_schema.processlist WHERE id = ?', [opened]),
        ).toEqual([]),
      patient,
    );
  });

  test('what asks a closed lane opens no connection any more', async () => {
    const reason = new ServerFault('cancelled', 'db', 'db: Lockstep is stopping');
    let opened = 0;
    const lane = new Lane({
      server: 'db',
      size: 1,
      idleMs: 60_000,
      clock: systemClock,
      open: () => {
        opened++;
        return Promise.reject(reason);
      },
      onAbandoned: () => undefined,
      onBroken: () => undefined,
    });
    lane.close(reason);
    await expect(lane.query('SELECT 1', [], unhurriedMs)).rejects.toBe(reason);
    expect(opened).toBe(0);
  });

  test('connections that were opened ahead are what the next statements take, and one that was not had costs nobody his', async () => {
    const { source } = await sharedPair(flavour);
    let opened = 0;
    let refused = 1;
    const lane = new Lane({
      server: 'db',
      size: 3,
      idleMs: 60_000,
      clock: systemClock,
      open: (signal) => {
        opened++;
        if (refused-- > 0) return Promise.reject(new ServerFault('connection', 'db', 'db: refused'));
        const limits = { lockWaitSeconds: 1, statementMs: unhurriedMs };
        return SqlConnection.open(serverConfig('db', source), limits, unhurriedMs, signal);
      },
      onAbandoned: () => undefined,
      onBroken: () => undefined,
    });
    const ask = () => lane.query<{ id: number }>('SELECT CONNECTION_ID() AS id', [], unhurriedMs);
    lane.warm(1);
    expect(await ask()).toHaveLength(1);
    expect(opened).toBe(2);
    lane.warm(2);
    lane.warm(2);
    expect(opened).toBe(3);
    await Promise.all([ask(), ask()]);
    expect(opened).toBe(3);
    lane.warm(64);
    expect(opened).toBe(4);
    lane.close(new ServerFault('cancelled', 'db', 'db: Lockstep is stopping'));
  });
});
