import {
  createMonitorUser,
  replicate,
  startGalera,
  startGroup,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { startAlike, takeOut } from '../support/halves.ts';

const checks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
};

describe.each(clusters)('of a %s cluster in two halves', (kind) => {
  const galera = kind === 'galera';

  /** Its nodes number alike. */
  const start = () => (galera ? startAlike() : startGroup());

  /** By its number alone: nothing of what it has is copied anew. */
  async function goOver(node: TestServer): Promise<void> {
    if (galera) {
      await node.stop();
      await node.start();
      return;
    }
    await node.query('STOP GROUP_REPLICATION');
    await node.query('START GROUP_REPLICATION');
  }

  const rows = async (node: TestServer) =>
    (await node.query('SELECT id FROM shop.t ORDER BY id')).map(({ id }) => Number(id));

  test('a replica of one half is not believed beside members of the other, before and after they are one again, until all was compared', async () => {
    await using cluster = await start();
    await using a1 = await startServer({ flavour: galera ? 'mariadb' : 'mysql', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await replicate(a1, n3);
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1)');
    for (const server of [n2, n3, a1]) {
      await vi.waitFor(async () => expect(await rows(server)).toEqual([1]), patient);
    }
    await createMonitorUser(a1, ['shop']);
    const running = startEngine({
      servers: { n1, n2, n3, a1 },
      pairs: ['n1a1', 'n2a1', 'n3a1', 'n1n2'].map((name) =>
        pairConfig(['shop.*'], { name, source: name.slice(0, 2), target: name.slice(2), checks }),
      ),
    });
    const see = looking(running);
    const inSync = (pair: string) =>
      vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe('in-sync'), patient);
    const doubted = (pair: string, why: string) =>
      vi.waitFor(() => {
        expect(see.pair(pair)).toMatchObject({
          state: 'unknown',
          evidence: expect.stringContaining(why) as string,
        });
      }, patient);
    const checked = async (pair: string) => {
      const { id } = see.engine.startRun(pair, 'checksum', null, 'anna');
      await vi.waitFor(() => expect(see.engine.run(id)?.state).toBe('finished'), patient);
      return see.engine.run(id)!.verdicts;
    };
    for (const pair of ['n1a1', 'n2a1', 'n3a1', 'n1n2']) await inSync(pair);

    await takeOut(galera, n3, () => expect(see.member('n3').state).toBe('no-quorum'));
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    for (const source of ['n1', 'n2']) {
      await doubted(`${source}a1`, `${source} and n3 took part in two halves of their cluster`);
    }
    await inSync('n3a1');
    await n3.query('INSERT INTO shop.t VALUES (30, 0)');
    for (let id = 10; id < 20; id++) await n1.query(`INSERT INTO shop.t VALUES (${id}, 0)`);
    await goOver(n3);
    await vi.waitFor(() => expect(see.member('n3').state).toBe('in-group'), patient);
    await stopReplica(a1);
    await startReplica(a1);
    await n1.query('INSERT INTO shop.t VALUES (100, 0)');
    await vi.waitFor(async () => expect(await rows(a1)).toContain(100), patient);
    expect(await rows(a1)).not.toEqual(await rows(n1));
    await doubted('n1a1', `n1 and n3 took part in two halves of their cluster`);
    await doubted('n2a1', `n2 and n3 took part in two halves of their cluster`);
    await doubted('n3a1', 'n3 went over from one half of its cluster to that of n');
    await inSync('n1n2');
    expect(await checked('n1a1')).toEqual({ DIFFERENT: 1 });
    await doubted('n1a1', `a checksum run of the whole pair ends this`);
    expect(await checked('n3a1')).toEqual({ MATCH: 1 });
    await inSync('n3a1');
  });

  test('what was compared before they parted once more proves nothing of what each writes then', async () => {
    await using cluster = await start();
    const [n1, n2, n3] = cluster.members;
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1)');
    await n1.query('CREATE TABLE shop.u (id INT PRIMARY KEY, v INT)');
    await n1.query(
      `INSERT INTO shop.u VALUES ${Array.from({ length: 1500 }, (_, id) => `(${id}, 0)`).join(', ')}`,
    );
    const has = (node: TestServer, table: string, id: number) =>
      vi.waitFor(async () => {
        expect(await node.query(`SELECT id FROM shop.${table} WHERE id = ${id}`)).toHaveLength(1);
      }, patient);
    for (const node of [n2, n3]) await has(node, 'u', 1499);
    const running = startEngine({
      servers: { n1, n2, n3 },
      pairs: ['n2', 'n3'].map((target) =>
        pairConfig(['shop.*'], {
          name: target,
          source: 'n1',
          target,
          checks,
          verify: { ...verifyConfig, maxChunkRows: 1, parallel: 1 },
        }),
      ),
    });
    const see = looking(running);
    const becomes = (state: string) =>
      vi.waitFor(() => expect(see.pair('n3')?.state, see.pair('n3')?.evidence).toBe(state), patient);
    const part = async () => {
      await takeOut(galera, n3, () => expect(see.member('n3').state).toBe('no-quorum'));
      await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    };
    const areOneAgain = async () => {
      await goOver(n3);
      await vi.waitFor(() => expect(see.member('n3').state).toBe('in-group'), patient);
      await becomes('unknown');
    };
    await becomes('in-sync');
    await part();
    await areOneAgain();
    const { id } = see.engine.startRun('n3', 'checksum', null, 'anna');
    const run = () => see.engine.run(id)!;
    await vi.waitFor(() => expect(run().progress.tablesDone).toBe(1), { ...patient, interval: 5 });
    see.engine.pauseRun(id, 'anna');
    await vi.waitFor(() => expect(run().state).toBe('paused'), patient);
    await part();
    await n3.query('INSERT INTO shop.t VALUES (30, 0)');
    for (let row = 10; row < 20; row++) await n1.query(`INSERT INTO shop.t VALUES (${row}, 0)`);
    await areOneAgain();
    see.engine.resumeRun(id, 'anna');
    await vi.waitFor(() => expect(run().state).toBe('finished'), patient);
    expect(run().verdicts).toEqual({ MATCH: 2 });
    expect(await rows(n3)).not.toEqual(await rows(n1));
    expect(see.pair('n3')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringContaining('n1 and n3 took part in two halves of their cluster') as string,
    });
  });

  test.runIf(galera)(
    'a member that missed what came by the channel of the other half is not believed to have it',
    async () => {
      await using cluster = await startGalera();
      await using p = await startServer({ flavour: 'mariadb', serverId: 77 });
      const [n1, n2, n3] = cluster.members;
      await p.query('SET GLOBAL gtid_domain_id = 50');
      p.disconnect();
      await replicate(n1, p);
      await p.query('CREATE DATABASE shop');
      await p.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
      await p.query('INSERT INTO shop.t VALUES (1, 1)');
      const arrived = async (id: number) => {
        for (const node of [n1, n2, n3]) {
          await vi.waitFor(async () => expect(await rows(node).catch(() => [])).toContain(id), patient);
        }
      };
      await arrived(1);
      await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
      await createMonitorUser(p, ['shop']);
      const running = startEngine({
        servers: { p, n1, n2, n3 },
        pairs: ['n1', 'n2', 'n3'].map((target) =>
          pairConfig(['shop.*'], { name: target, source: 'p', target, checks }),
        ),
      });
      const see = looking(running);
      const becomes = (pair: string, state: string) =>
        vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state), patient);
      for (const pair of ['n1', 'n2', 'n3']) await becomes(pair, 'in-sync');
      await takeOut(galera, n3, () => expect(see.member('n3').state).toBe('no-quorum'));
      await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
      await n3.query('INSERT INTO shop.t VALUES (30, 0)');
      for (let id = 10; id < 20; id++) await p.query(`INSERT INTO shop.t VALUES (${id}, 0)`);
      await goOver(n3);
      await vi.waitFor(() => expect(see.member('n3').state).toBe('in-group'), patient);
      await p.query('INSERT INTO shop.t VALUES (100, 0)');
      await arrived(100);
      expect(await rows(n3)).not.toContain(10);
      await becomes('n1', 'in-sync');
      await becomes('n3', 'unknown');
      expect(see.pair('n3')?.evidence).toMatch(
        /whether n3 got all that came from p is not known until .* a checksum run/,
      );
    },
  );
});
