import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGalera, startGroup, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { takeOut } from '../support/halves.ts';

const checks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
};

/** By its number alone: nothing of what it has is copied anew. */
async function goOver(galera: boolean, node: TestServer): Promise<void> {
  await node.query(galera ? 'DO 0' : 'STOP GROUP_REPLICATION');
  if (!galera) return void (await node.query('START GROUP_REPLICATION'));
  await node.stop();
  await node.start();
}

test.each(clusters)(
  'a member of a %s cluster that goes over from one half of a split to the other is not believed to hold the same until all was compared',
  async (kind) => {
    const galera = kind === 'galera';
    await using cluster = await (galera ? startGalera() : startGroup());
    const [n1, n2, n3] = cluster.members;
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1)');
    const rows = async (node: TestServer) =>
      (await node.query('SELECT id FROM shop.t ORDER BY id')).map(({ id }) => Number(id));
    for (const node of [n2, n3]) await vi.waitFor(async () => expect(await rows(node)).toEqual([1]), patient);

    const folder = mkdtempSync(join(tmpdir(), 'lockstep-store-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const start = () => {
      const running = startEngine({
        servers: { n1, n2, n3 },
        pairs: ['n2', 'n3'].map((target) =>
          pairConfig(['shop.*'], { name: target, source: 'n1', target, checks }),
        ),
        file: join(folder, 'lockstep.db'),
      });
      return { ...looking(running), ...running };
    };
    let see = start();
    const inSync = (pair: string) => vi.waitFor(() => expect(see.pair(pair)?.state).toBe('in-sync'), patient);
    const doubted = () =>
      vi.waitFor(() => {
        expect(see.pair('n3')).toMatchObject({
          state: 'unknown',
          evidence: expect.stringContaining('n1 and n3 took part in two halves of their cluster') as string,
        });
      }, patient);
    const checked = async () => {
      const { id } = see.engine.startRun('n3', 'checksum', null, 'anna');
      await vi.waitFor(() => expect(see.engine.run(id)?.state).toBe('finished'), patient);
      return see.engine.run(id)!.verdicts;
    };
    await inSync('n2');
    await inSync('n3');
    await takeOut(galera, n3, () => expect(see.member('n3').state).toBe('no-quorum'));
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    await n3.query('INSERT INTO shop.t VALUES (30, 0)');
    for (let id = 10; id < 20; id++) await n1.query(`INSERT INTO shop.t VALUES (${id}, 0)`);
    await goOver(galera, n3);
    await vi.waitFor(() => expect(see.member('n3').state).toBe('in-group'), patient);
    await doubted();
    await inSync('n2');

    // So it is for a process that begins now.
    await see.stop();
    see = start();
    await vi.waitFor(() => expect(see.member('n3')?.state).toBe('in-group'), patient);
    await doubted();
    expect(await checked()).toEqual({ DIFFERENT: 1 });
    await doubted();

    // On that member alone.
    const alone = await n3.connect();
    await alone.query(galera ? 'SET wsrep_on = 0' : 'SET sql_log_bin = 0');
    if (!galera) await alone.query('SET GLOBAL super_read_only = 0');
    await alone.query('DELETE FROM shop.t');
    for (const id of await rows(n1)) {
      await alone.query(`INSERT INTO shop.t SELECT ${id}, ${id === 1 ? 1 : 0}`);
    }
    if (!galera) await alone.query('SET GLOBAL super_read_only = 1');
    await alone.end();
    expect(await checked()).toEqual({ MATCH: 1 });
    await inSync('n3');
    await see.stop();
    see = start();
    await inSync('n3');
    expect(see.states('n3').filter(({ evidence }) => evidence.includes('two halves'))).toEqual([]);
  },
);
