import { createMonitorUser, startReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import type { PairEventKind } from '../../src/model/pair.ts';
import { connection, pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

describe.each(flavours)('the time line of a pair on %s', (flavour) => {
  const pair = tendedPair({
    flavour,
    seed: async ({ source, target }) => {
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
      for (const handle of [source, target]) await createMonitorUser(handle, ['d']);
    },
  });

  test('tells runs, altered tables, servers that are started anew and alerts, each as what it is', async () => {
    const { source, target } = pair;
    const { engine } = startEngine({
      servers: { source, target },
      pairs: [
        pairConfig(['d.*'], {
          checks: {
            checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' },
            consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' },
          },
        }),
      ],
      config: {
        connection: { ...connection, healthIntervalMs: 500 },
        alerts: { forMs: 0, keepFiringForMs: 0, severities: {}, unverifiedForMs: 3_600_000 },
      },
    });
    const from = new Date(0);
    const told = (kind: PairEventKind) =>
      engine.events('pair', { from, to: new Date(), kinds: [kind] }).map(({ message }) => message);
    const check = async (kind: 'checksum' | 'consistency') => {
      const { id } = engine.startRun('pair', kind, null, 'anna');
      await vi.waitFor(() => expect(engine.run(id)?.state).toBe('finished'), patient);
    };
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    await vi.waitFor(() => expect(engine.server('target')?.runningSince).toBeInstanceOf(Date), patient);

    await check('checksum');
    expect(told('run')).toEqual(['checksum run begun', 'checksum run finished: 1 MATCH']);
    expect(told('definition')).toEqual([]);
    await source.query('ALTER TABLE d.t ADD COLUMN note VARCHAR(20)');
    await check('consistency');
    await check('checksum');
    expect(told('definition')).toEqual([
      'd.t is defined in another way on source and on target than at the check before',
    ]);

    const { runningSince } = engine.server('target') ?? {};
    // So soon after a start another one could not be told from it: both are known to the second.
    await vi.waitFor(async () => {
      const [told] = await target.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Uptime'");
      expect(Number(told?.Value)).toBeGreaterThan(4);
    }, patient);
    await target.stop();
    await vi.waitFor(() => expect(told('alert')).toContainEqual(expect.stringContaining('fires')), patient);
    await target.start();
    await startReplica(target);
    await vi.waitFor(() => {
      expect(told('restart')).toEqual([expect.stringMatching(/^target was started anew: .* since 20/)]);
      expect(told('alert')).toContainEqual(expect.stringContaining('over'));
    }, patient);
    expect(Number(engine.server('target')?.runningSince)).toBeGreaterThan(Number(runningSince));
    expect(told('failover')).toEqual([]);
  });
});
