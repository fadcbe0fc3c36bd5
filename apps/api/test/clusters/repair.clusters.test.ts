import {
  type Cluster,
  memberState,
  startGalera,
  startGroup,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { lockstep } from '../cli/program.ts';
import { configured, run } from './support.ts';

/** As a client does that goes on after errors, and as `source` does in one: what the server said to each statement. */
async function runRegardless(server: TestServer, script: string): Promise<string[]> {
  const connection = await server.connect();
  const errors: string[] = [];
  for (const statement of script.split(/;\n/)) {
    if (statement.replace(/^--.*$/gm, '').trim() === '') continue;
    await connection.query(statement).catch((error: Error) => errors.push(error.message));
  }
  await connection.end();
  return errors;
}

interface Kind {
  start: () => Promise<Cluster>;
  /** Statements before and after those that are to stay on one member. */
  alone: [string, string];
  /** What each member says when it is well. */
  well: (member: TestServer) => Promise<string>;
  position: string;
}

const kinds: Record<string, Kind> = {
  galera: {
    start: startGalera,
    alone: [
      'SET SESSION wsrep_on = 0; SET SESSION sql_log_bin = 0',
      'SET SESSION sql_log_bin = 1; SET SESSION wsrep_on = 1',
    ],
    well: async (node) =>
      [
        await wsrepStatus(node, 'cluster_status'),
        await wsrepStatus(node, 'local_state_comment'),
        await wsrepStatus(node, 'cluster_size'),
      ].join(' '),
    position: '@@global.gtid_binlog_pos',
  },
  'group-replication': {
    start: startGroup,
    alone: [
      'SET @was = @@global.super_read_only; SET SESSION sql_log_bin = 0; SET GLOBAL super_read_only = 0',
      'SET GLOBAL super_read_only = @was; SET SESSION sql_log_bin = 1',
    ],
    well: memberState,
    position: '@@global.gtid_executed',
  },
};

/** What the second member is, which is repaired. */
const roles: Record<string, Record<string, (second: TestServer) => Promise<unknown>>> = {
  galera: { node: () => Promise.resolve() },
  'group-replication': {
    secondary: () => Promise.resolve(),
    primary: async (second) => {
      const [row] = await second.query<{ id: string }>('SELECT @@server_uuid AS id');
      await second.query(`SELECT group_replication_set_as_primary('${row?.id}')`);
    },
    'primary beside others': (second) =>
      second.query('SELECT group_replication_switch_to_multi_primary_mode()'),
  },
};

const all = clusters.flatMap((name) => Object.keys(roles[name] ?? {}).map((role) => ({ name, role })));

describe.each(all)('on a $role of a $name cluster', ({ name, role }) => {
  const kind = kinds[name] as Kind;

  test('the printed repair, run as it is, mends the rows and leaves the cluster whole', async () => {
    await using cluster = await kind.start();
    const { members } = cluster;
    const [first, second, third] = members;
    const writer = role === 'primary' ? second : first;
    await first.query('CREATE DATABASE shop');
    await first.query(`GRANT SELECT ON shop.* TO '${first.monitor.user}'@'127.0.0.1'`);
    await first.query('CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT)');
    await first.query('INSERT INTO shop.orders VALUES (1, 1), (2, 2), (3, 3), (4, 4)');
    const rows = (server: TestServer) => server.query('SELECT id, v FROM shop.orders ORDER BY id');
    for (const member of members) {
      await vi.waitFor(async () => expect(await rows(member)).toHaveLength(4), patient);
    }
    await roles[name]?.[role]?.(second);
    const right = await rows(first);
    const well = await kind.well(first);
    const plant = `${kind.alone[0]}; DELETE FROM shop.orders WHERE id = 1; UPDATE shop.orders SET v = 9 WHERE id = 2;
      INSERT INTO shop.orders VALUES (5, 5); ${kind.alone[1]}`;
    await run(second, plant);
    expect(await rows(second)).not.toEqual(right);

    const [source, target] = cluster.members;
    const file = configured('members', { n1: { handle: source }, n2: { handle: target } });
    const check = lockstep(['check', '--config', file, '--print-repair']);
    expect([await check.ended, check.stderr]).toEqual([1, '']);
    const script = check.stdout;

    // Elsewhere it says so, and does nothing, whatever the client does.
    const before = await rows(third);
    await expect(run(third, script)).rejects.toThrow('this server is not n2');
    const readOnly = await third.query('SELECT @@global.read_only AS r');
    expect(await runRegardless(third, script)).toContainEqual(
      expect.stringContaining('this server is not n2'),
    );
    expect(await rows(third)).toEqual(before);
    expect(await third.query('SELECT @@global.read_only AS r')).toEqual(readOnly);

    const position = () => second.query(`SELECT ${kind.position} AS at`);
    const at = await position();
    await run(second, script);
    expect(await position(), 'the repair is in no history').toEqual(at);
    for (const member of members) expect(await rows(member)).toEqual(right);

    // What the group writes from now on goes through everywhere.
    await writer.query('UPDATE shop.orders SET v = v + 10');
    await writer.query('DELETE FROM shop.orders WHERE id = 1');
    for (const member of members) {
      await vi.waitFor(async () => expect(await rows(member)).toEqual(await rows(writer)), patient);
      expect(await kind.well(member)).toBe(well);
    }
    expect(await lockstep(['check', '--config', file]).ended).toBe(0);
    if (role === 'secondary') {
      await expect(run(second, 'DELETE FROM shop.orders')).rejects.toThrow('super-read-only');
    }
  });
});
