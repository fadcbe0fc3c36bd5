import {
  createMonitorUser,
  memberState,
  replicate,
  startGalera,
  startGroup,
  startServer,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { lockstep } from '../cli/program.ts';
import { configured, run } from './support.ts';

const kinds = {
  galera: {
    flavour: 'mariadb' as const,
    start: startGalera,
    alone: 'SET SESSION wsrep_on = 0; SET SESSION sql_log_bin = 0',
    well: async (node: TestServer) =>
      [await wsrepStatus(node, 'cluster_status'), await wsrepStatus(node, 'cluster_size')].join(' '),
  },
  'group-replication': {
    flavour: 'mysql' as const,
    start: startGroup,
    alone: 'SET SESSION sql_log_bin = 0',
    well: memberState,
  },
};

const where = {
  'on all members': { everywhere: true, all: 1 },
  'on this member alone': { everywhere: false, all: 0 },
};
const each = clusters.flatMap((name) => Object.keys(where).map((place) => ({ name, place })));

describe.each(each)('what differs $place of a $name cluster from a server outside', ({ name, place }) => {
  const kind = kinds[name];
  const { everywhere, all } = where[place as keyof typeof where];

  test('is repaired where it differs, once a person has said so, and the cluster stays whole', async () => {
    await using cluster = await kind.start();
    await using a = await startServer({ flavour: kind.flavour, serverId: 77 });
    const { members } = cluster;
    const [n1] = members;
    await a.query('CREATE DATABASE shop');
    await a.query('CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT)');
    await a.query('INSERT INTO shop.orders VALUES (1, 1), (2, 2), (3, 3)');
    await createMonitorUser(a, ['shop']);
    const rows = (server: TestServer) => server.query('SELECT id, v FROM shop.orders ORDER BY id');
    const same = async () => {
      for (const member of members) {
        await vi.waitFor(async () => expect(await rows(member)).toEqual(await rows(a)), patient);
      }
    };
    await replicate(n1, a);
    await same();
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    const well = await kind.well(n1);
    const plant = 'DELETE FROM shop.orders WHERE id = 1; UPDATE shop.orders SET v = 9 WHERE id = 2';
    await run(n1, everywhere ? plant : `${kind.alone}; ${plant}`);

    const file = configured('into', { a: { handle: a }, n1: { handle: n1 } });
    const check = lockstep(['check', '--config', file, '--print-repair']);
    expect([await check.ended, check.stderr]).toEqual([1, '']);
    const script = check.stdout;
    await expect(run(n1, script)).rejects.toThrow('whether all members differ');
    await run(n1, `SET @all_members = ${all};\n${script}`);
    await same();

    // What comes by the channel from now on goes through everywhere.
    await a.query('UPDATE shop.orders SET v = v + 10');
    await a.query('DELETE FROM shop.orders WHERE id = 1');
    await same();
    for (const member of members) expect(await kind.well(member)).toBe(well);
    expect(await lockstep(['check', '--config', file]).ended).toBe(0);
  });
});

test.runIf(clusters.includes('group-replication'))(
  'the repair of a secondary from a server outside mends that one alone, or nothing',
  async () => {
    await using cluster = await startGroup();
    await using a = await startServer({ flavour: 'mysql', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await a.query('CREATE DATABASE shop');
    await a.query('CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT)');
    await a.query('INSERT INTO shop.orders VALUES (1, 1), (2, 2)');
    await createMonitorUser(a, ['shop']);
    await replicate(n1, a);
    const rows = (server: TestServer) => server.query('SELECT id, v FROM shop.orders ORDER BY id');
    for (const member of cluster.members) {
      await vi.waitFor(async () => expect(await rows(member)).toHaveLength(2), patient);
    }
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    const granted = () => n2.query(`SHOW GRANTS FOR '${n1.monitor.user}'@'127.0.0.1'`);
    await vi.waitFor(async () => expect(JSON.stringify(await granted())).toContain('shop'), patient);
    await run(
      n2,
      'SET GLOBAL super_read_only = OFF; SET sql_log_bin = 0; DELETE FROM shop.orders WHERE id = 1; SET GLOBAL super_read_only = ON',
    );

    const check = lockstep([
      'check',
      '--config',
      configured('into', { a: { handle: a }, n1: { handle: n2 } }),
      '--print-repair',
    ]);
    expect([await check.ended, check.stderr]).toEqual([1, '']);
    for (const word of ['', 'SET @all_members = 1;']) {
      await expect(run(n2, `${word}\n${check.stdout}`)).rejects.toThrow('then repair the primary');
      expect(await rows(n2)).toHaveLength(1);
    }
    await run(n2, `SET @all_members = 0;\n${check.stdout}`);
    await a.query('UPDATE shop.orders SET v = v + 10');
    for (const member of [n1, n2, n3]) {
      await vi.waitFor(async () => expect(await rows(member)).toEqual(await rows(a)), patient);
      expect(await memberState(member)).toBe('ONLINE');
    }
  },
);
