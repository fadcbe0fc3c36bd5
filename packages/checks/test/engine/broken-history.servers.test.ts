import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

const checks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
};

test.each(flavours)(
  'on %s a source that lost its history is not believed by another process either, until its numbers came to what was lost and all tables were found to match',
  async (flavour) => {
    const mysql = flavour === 'mysql';
    await using own = await startPair({ flavour });
    const { source, target } = own;
    await source.query('CREATE DATABASE d');
    for (const server of [source, target]) {
      await server.query(`GRANT SELECT ON d.* TO '${server.monitor.user}'@'127.0.0.1'`);
    }
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await source.query('INSERT INTO d.t VALUES (1, 1)');
    await source.query('CREATE DATABASE other');
    await source.query('CREATE TABLE other.t (id INT PRIMARY KEY, v INT)');
    await source.query('INSERT INTO other.t VALUES (1, 1)');
    const write = async (times: number) => {
      for (let i = 0; i < times; i++) await source.query('UPDATE other.t SET v = v + 1');
    };
    await write(20);

    const folder = mkdtempSync(join(tmpdir(), 'lockstep-store-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const start = () =>
      startEngine({
        servers: { source, target },
        pairs: [pairConfig(['d.*'], { checks })],
        file: join(folder, 'lockstep.db'),
      });
    let running = start();
    const said = () => running.engine.pair('pair')!;
    const becomes = (state: string) =>
      vi.waitFor(() => expect(said().state, said().evidence).toBe(state), patient);
    const isDoubted = () =>
      vi.waitFor(() => expect(said().lag?.evidence).toContain('its history was reset or restored'), patient);
    const checked = async () => {
      const { id } = running.engine.startRun('pair', 'checksum', null, 'anna');
      await vi.waitFor(() => expect(running.engine.run(id)?.state).toBe('finished'), patient);
      expect(running.engine.run(id)!.verdicts).toEqual({ MATCH: 1 });
    };
    await becomes('in-sync');
    await source.query(mysql ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    await write(1);
    await isDoubted();
    // What the source writes by these numbers the target will pass over.
    await checked();
    await isDoubted();
    await running.stop();

    await write(60);
    await target.query(mysql ? 'STOP REPLICA' : 'STOP SLAVE');
    await target.query(mysql ? 'START REPLICA' : 'START SLAVE');
    running = start();
    await vi.waitFor(() => expect(said().replication?.channel?.receiver).toBe('running'), patient);
    await vi.waitFor(() => expect(said().lag?.lagMs, said().lag?.evidence).toBeNull(), patient);
    await isDoubted();
    await vi.waitFor(
      () => expect(said().lag?.evidence).toContain('a checksum run of the whole pair'),
      patient,
    );
    await checked();
    await becomes('in-sync');
    await running.stop();
    running = start();
    await becomes('in-sync');
    await running.stop();
  },
);
