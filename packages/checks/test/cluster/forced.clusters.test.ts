import {
  createMonitorUser,
  memberState,
  replicate,
  startGalera,
  startGroup,
  startServer,
  stopReplica,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { startAlike } from '../support/halves.ts';
import { type LagWatch, watchLag } from '../support/lag-watch.ts';

const pairs = ['n1n2', 'n3n1'];

function watched([n1, n2, n3]: readonly [TestServer, TestServer, TestServer]) {
  return watchLag(
    { n1, n2, n3 },
    pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
  );
}

async function inSync(watch: LagWatch, names: string[]): Promise<void> {
  for (const name of names) {
    await vi.waitFor(
      () => expect(watch.state(name).state, watch.state(name).evidence).toBe('in-sync'),
      patient,
    );
  }
}

const says = (node: TestServer, name: string, value: string) =>
  vi.waitFor(async () => expect(await wsrepStatus(node, name)).toBe(value), patient);

const cutOff = (watch: LagWatch, server: string) =>
  vi.waitFor(() => {
    const members = watch.service.groups().flatMap((group) => group.members);
    expect(members.find((member) => member.server === server)?.state).toBe('no-quorum');
  }, patient);

async function isDoubted(watch: LagWatch, pair: string, why: RegExp): Promise<void> {
  await vi.waitFor(() => expect(watch.state(pair).evidence).toContain('begun anew'), patient);
  await watch.samplesMore(20, pair);
  expect(watch.state(pair)).toMatchObject({
    state: 'unknown',
    evidence: expect.stringMatching(why) as string,
  });
}

test.runIf(clusters.includes('group-replication'))(
  'who comes back with what a member lacked that was made to go on without a majority is not believed beside it',
  async () => {
    await using cluster = await startGroup(['--loose-group_replication_compression_threshold=0']);
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await n1.query('CREATE TABLE shop.large (id INT PRIMARY KEY, v LONGTEXT)');
    await write(n1, 2);
    for (const node of [n2, n3]) await arrived(node);
    await using watch = watched(cluster.members);
    await inSync(watch, pairs);

    const listed = async (node: TestServer, state: string) => {
      const rows = await node.query<{ state: string }>(
        'SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members',
      );
      return rows.filter((row) => row.state === state).length;
    };
    for (const node of cluster.members) {
      await node.query('SET GLOBAL group_replication_member_expel_timeout = 3600');
    }
    await n3.freeze();
    await vi.waitFor(async () => {
      for (const node of [n1, n2]) expect(await listed(node, 'UNREACHABLE')).toBe(1);
    }, patient);
    // More than a connection holds for who does not read.
    for (let i = 0; i < 24; i++) await n1.query(`INSERT INTO shop.large VALUES (${i}, REPEAT('x', 1000000))`);
    await write(n1, 3);
    await arrived(n2);
    await inSync(watch, ['n1n2']);
    await Promise.all([n1.kill9(), n2.kill9()]);
    n3.thaw();
    await cutOff(watch, 'n3');
    await vi.waitFor(async () => expect(await listed(n3, 'UNREACHABLE')).toBe(2), patient);
    await n3.query(`SET GLOBAL group_replication_force_members = '127.0.0.1:${n3.port}'`);
    await n3.query(`SET GLOBAL group_replication_force_members = ''`);
    await vi.waitFor(() => write(n3, 6), patient);
    await n1.start();
    // It has more than the group, which gives the numbers of that when its view changes.
    await expect(n1.query('START GROUP_REPLICATION')).rejects.toThrow();
    await write(n3, 60);
    await n2.start();
    for (const node of [n1, n2]) {
      await node.query('START GROUP_REPLICATION');
      await vi.waitFor(async () => expect(await memberState(node)).toBe('ONLINE'), patient);
    }
    await write(n3, 1);
    for (const node of [n1, n2]) await arrived(node);
    expect(await ids(n1)).not.toEqual(await ids(n3));
    expect(await ids(n1)).toEqual(await ids(n2));
    await inSync(watch, ['n1n2']);
    await isDoubted(
      watch,
      'n3n1',
      /by n3 without \S+, which n1 has, and gave these numbers to others, which n3 has/,
    );
  },
);

test.runIf(clusters.includes('galera'))(
  'a node that comes back with what another one lacked that was made a primary component is not believed beside it',
  async () => {
    await using cluster = await startGalera();
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    for (const node of [n2, n3]) await arrived(node);
    await using watch = watched(cluster.members);
    await inSync(watch, pairs);

    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await cutOff(watch, 'n3');
    await says(n1, 'cluster_size', '2');
    await write(n1, 3);
    await arrived(n2);
    await inSync(watch, ['n1n2']);
    await n1.stop();
    await n2.kill9();
    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
    await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    await says(n3, 'ready', 'ON');
    await write(n3, 9);
    // By its number alone it is let in; the other one is copied.
    for (const node of [n1, n2]) {
      await node.start();
      await says(node, 'ready', 'ON');
    }
    await write(n3, 1);
    for (const node of [n1, n2]) await arrived(node);
    expect(await ids(n1)).not.toEqual(await ids(n3));
    await isDoubted(
      watch,
      'n3n1',
      /begun anew by n3 from number \d+, .*: n1 had changes with those up to \d+/,
    );
  },
);

test.runIf(clusters.includes('galera'))(
  'a replica that has what a node lacked that was made a primary component is not believed beside it',
  async () => {
    await using cluster = await startAlike();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await replicate(a1, n1);
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    for (const node of [n2, n3, a1]) await arrived(node);
    await createMonitorUser(a1, ['shop']);
    await using watch = watchLag({ n1, n2, n3, a1 }, [
      { name: 'n3a1', source: 'n3', target: 'a1' },
      { name: 'n1n2', source: 'n1', target: 'n2' },
    ]);
    await inSync(watch, ['n3a1', 'n1n2']);
    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await cutOff(watch, 'n3');
    await says(n1, 'cluster_size', '2');
    await write(n1, 3);
    for (const node of [n2, a1]) await arrived(node);
    await watch.samplesMore(5, 'n3a1');
    await Promise.all([n1.kill9(), n2.kill9()]);
    for (const server of ['n1', 'n2']) {
      await vi.waitFor(() => expect(watch.server(server).connection).not.toBe('connected'), patient);
    }
    await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    await says(n3, 'ready', 'ON');
    await vi.waitFor(() => expect(watch.sample('n3a1').evidence).toContain('begun anew'), patient);
    await write(n3, 9);
    await stopReplica(a1);
    await replicate(a1, n3);
    await write(n3, 1);
    await arrived(a1);
    expect(await ids(a1)).not.toEqual(await ids(n3));
    await isDoubted(
      watch,
      'n3a1',
      /begun anew without changes that a1 has, and gives their numbers to others/,
    );
  },
);
