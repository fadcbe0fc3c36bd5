import { createMonitorUser } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const secret = 'victim-private@example.org';

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({
    flavour,
    seed: async ({ source, target }) => {
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, email VARCHAR(60) UNIQUE)');
      for (const handle of [source, target]) await createMonitorUser(handle, ['d']);
    },
  });

  test('a value of a masked column is in nothing that replication says of it', async () => {
    const { source, target } = pair;
    const mask = { match: 'd.t', ignoreColumns: [], maskColumns: ['email'], method: null, where: null };
    const { engine, events, storage } = startEngine({
      servers: { source, target },
      pairs: [
        pairConfig(['d.*'], { ...noChecks, tables: { include: ['d.*'], exclude: [], overrides: [mask] } }),
      ],
    });
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    await target.query(`INSERT INTO d.t VALUES (1, '${secret}')`);
    await source.query(`INSERT INTO d.t VALUES (2, '${secret}')`);
    await vi.waitFor(() => expect(storage.openAlerts().length).toBeGreaterThan(0), patient);
    await vi.waitFor(() => expect(engine.pair('pair')?.evidence).toMatch(/1062/), patient);
    const told = JSON.stringify([engine.pair('pair'), events, storage.openAlerts()], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(told).toContain('••••');
    expect(told).not.toContain(secret);
  });
});
