import {
  createMonitorUser,
  memberState,
  replicate,
  startGroup,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { beginAnewFrom, isReady, says } from '../support/galera-nodes.ts';
import { ownDomain, startAlike } from '../support/halves.ts';
import { type LagWatch, watchLag } from '../support/lag-watch.ts';

async function allInSync(watch: LagWatch, names: string[]): Promise<void> {
  for (const name of names) {
    await vi.waitFor(() => expect(watch.state(name).state).toBe('in-sync'), patient);
  }
}

test.runIf(clusters.includes('galera'))(
  'a replica that has what its cluster was begun anew without is not believed until it is set up anew, and of a restart that lost nothing it is',
  async () => {
    await using cluster = await startAlike();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    const options = (node: TestServer) => [`--gtid-domain-id=${ownDomain(cluster.members.indexOf(node))}`];
    const comesBack = async (node: TestServer) => {
      await node.start({ more: options(node) });
      await isReady(node);
    };
    await replicate(a1, n1);
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 3);
    await arrived(a1);
    await createMonitorUser(a1, ['shop']);
    const ofReplica = ['n1a1', 'n3a1'];
    const pairs = [...ofReplica, 'n1n2'];
    await using watch = watchLag(
      { n1, n2, n3, a1 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    const inSync = (names: string[]) => allInSync(watch, names);
    await inSync(pairs);

    for (const node of [n3, n2, n1]) await node.stop();
    await beginAnewFrom(n1, ...options(n1));
    for (const node of [n2, n3]) await comesBack(node);
    await write(n1, 2);
    await arrived(a1);
    await inSync(pairs);
    const evidence = pairs.flatMap((name) => watch.samples(name).map((sample) => sample.evidence));
    expect(evidence.filter((text) => text.includes('begun anew'))).toEqual([]);

    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await says(n3, 'cluster_status', 'non-Primary');
    await says(n1, 'cluster_size', '2');
    await write(n1, 5);
    await arrived(a1);
    await inSync(['n1a1']);
    await Promise.all([n1.kill9(), n2.kill9(), n3.stop()]);
    for (const name of ofReplica) {
      await vi.waitFor(() => expect(watch.sample(name).lagMs).toBeNull(), patient);
    }
    const before = new Map(ofReplica.map((name) => [name, watch.samples(name).length]));
    const unproved = () => {
      for (const name of ofReplica) {
        const said = watch.samples(name).slice(before.get(name));
        expect(said.filter(({ lagMs }) => lagMs !== null)).toEqual([]);
      }
    };
    await beginAnewFrom(n3, ...options(n3));
    const viewOf = (server: string) =>
      watch.service.groups().flatMap(({ members }) => members.find((member) => member.server === server))[0]
        ?.view;
    await vi.waitFor(() => expect(viewOf('n3')).toBe('1'), patient);
    await watch.samplesMore(5, 'n3a1');
    unproved();
    // More than were lost: from then on the replica gets what it takes for the next.
    await write(n3, 8);
    await comesBack(n1);
    await stopReplica(a1);
    await startReplica(a1);
    await write(n1, 1);
    await arrived(a1);
    expect(await ids(a1)).not.toEqual(await ids(n1));
    for (const name of ofReplica) {
      await watch.samplesMore(20, name);
      expect(watch.state(name)).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(
          /begun anew without .*: it went on from number 7 of domain 7, and a1 had 12; .* until a1 is set up anew/,
        ) as string,
      });
    }
    unproved();

    await stopReplica(a1);
    await a1.query('DROP DATABASE shop');
    await a1.query('RESET MASTER');
    await a1.query(`SET GLOBAL gtid_slave_pos = ''`);
    for (const name of ofReplica) {
      await vi.waitFor(() => expect(watch.sample(name).lagMs).toBeGreaterThan(0), patient);
    }
    await startReplica(a1);
    await arrived(a1);
    expect(await ids(a1)).toEqual(await ids(n1));
    await inSync(ofReplica);
  },
);

test.runIf(clusters.includes('group-replication'))(
  'who has what a group was begun anew without is not believed beside those who have its numbers of others',
  async () => {
    await using cluster = await startGroup();
    await using a1 = await startServer({ flavour: 'mysql', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await replicate(a1, n1);
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    for (const server of [n2, n3, a1]) await arrived(server);
    await createMonitorUser(a1, ['shop']);
    const pairs = ['n1n2', 'n3n1', 'n1a1', 'n3a1'];
    await using watch = watchLag(
      { n1, n2, n3, a1 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    const inSync = (names: string[]) => allInSync(watch, names);
    await inSync(pairs);

    const leave = async (node: TestServer, pair: string) => {
      await node.query('STOP GROUP_REPLICATION');
      await vi.waitFor(() => expect(watch.state(pair).state).toBe('not-in-group'), patient);
    };
    const join = async (node: TestServer) => {
      await node.query('START GROUP_REPLICATION');
      await vi.waitFor(async () => expect(await memberState(node)).toBe('ONLINE'), patient);
    };
    await leave(n3, 'n3n1');
    await write(n1, 3);
    for (const server of [n2, a1]) await arrived(server);
    await inSync(['n1a1']);
    await leave(n2, 'n1n2');
    await n1.query('STOP GROUP_REPLICATION');
    await stopReplica(a1);
    const stateOf = (server: string) =>
      watch.service.groups().flatMap(({ members }) => members.find((member) => member.server === server))[0]
        ?.state;
    for (const server of ['n1', 'n3']) {
      await vi.waitFor(() => expect(stateOf(server)).toBe('not-in-group'), patient);
    }
    await n3.query('SET GLOBAL group_replication_bootstrap_group = ON');
    await join(n3);
    await n3.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    // At once, and more than were lost: nobody saw it without them, and the others are let in.
    await write(n3, 6);
    for (const node of [n1, n2]) await join(node);
    await replicate(a1, n3);
    await write(n3, 1);
    for (const server of [n1, n2, a1]) await arrived(server);
    expect(await ids(n1)).not.toEqual(await ids(n3));
    expect(await ids(a1)).toEqual(await ids(n1));
    await inSync(['n1n2', 'n1a1']);
    for (const [pair, one] of [
      ['n3n1', 'n1'],
      ['n3a1', 'a1'],
    ] as const) {
      await watch.samplesMore(20, pair);
      expect(watch.state(pair)).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(
          new RegExp(`begun anew by n3 without .*, which ${one} has, and gave these numbers to others`),
        ) as string,
      });
    }

    await stopReplica(a1);
    await a1.query('DROP DATABASE shop');
    await a1.query('RESET BINARY LOGS AND GTIDS');
    await vi.waitFor(() => expect(watch.sample('n3a1').lagMs).not.toBe(0), patient);
    // Unless it is seen without, nobody knows that it was set up anew.
    await watch.samplesMore(3, 'n3a1');
    // Its relay log still has of the group's what it is to get again.
    await replicate(a1, n3);
    await arrived(a1);
    expect(await ids(a1)).toEqual(await ids(n3));
    await inSync(['n3a1']);
  },
);
