import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Cluster,
  heldTransfer,
  memberState,
  startGalera,
  startGroup,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { inVainMs, patienceMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { MemberStateName } from '../../src/model/group.ts';
import { checkOnce } from '../support/check-once.ts';
import { looking, stall } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { oneWay } from '../support/one-way.ts';

const checks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
};

let cluster: Cluster;
let n1: TestServer, n2: TestServer, n3: TestServer;

async function begin(started: Promise<Cluster>): Promise<void> {
  cluster = await started;
  [n1, n2, n3] = cluster.members;
  await n1.query('CREATE DATABASE shop');
  await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
  await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
  await n1.query('INSERT INTO shop.t VALUES (1, 1), (2, 2), (3, 3)');
  for (const node of [n2, n3]) await arrived(node);
}

async function arrived(node: TestServer): Promise<void> {
  const rows = (server: TestServer) => server.query('SELECT * FROM shop.t ORDER BY id');
  await vi.waitFor(async () => expect(await rows(node)).toEqual(await rows(n1)), patient);
}

/** What the member wrote is there alone, and in no history. */
async function alone(member: TestServer, before: string, statement: string, after: string): Promise<void> {
  const person = await member.connect();
  for (const each of [before, 'SET sql_log_bin = 0', statement, 'SET sql_log_bin = 1', after]) {
    if (each !== '') await person.query(each);
  }
  await person.end();
}

function watch(...pairs: [string, string][]) {
  const servers = { n1, n2, n3 };
  return looking(
    startEngine({
      servers,
      pairs: pairs.map(([source, target]) =>
        pairConfig(['shop.*'], { name: `${source} to ${target}`, source, target, checks }),
      ),
    }),
  );
}

type See = ReturnType<typeof watch>;

async function whole(see: See, pairs: string[]): Promise<void> {
  for (const pair of pairs) await vi.waitFor(() => expect(see.pair(pair)?.state).toBe('in-sync'), patient);
  await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'whole', size: 3 }), patient);
}

const becomes = (see: See, server: string, state: MemberStateName) =>
  vi.waitFor(() => expect(see.member(server).state).toBe(state), patient);

/** Of a member that was killed it is told that nothing listens there, that its cluster lacks it, and no lag. */
async function isDown(see: See, server: string, pair: string): Promise<void> {
  const down = 'connection refused; is the server running, and is this its port?';
  await becomes(see, server, 'not-in-group');
  await vi.waitFor(
    () => expect(see.member(server).evidence).toMatch(/^it is not in the view of n\d, and does not answer: /),
    patient,
  );
  await vi.waitFor(() => expect(see.member(server).evidence).toContain(down), patient);
  await vi.waitFor(
    () =>
      expect(see.pair(pair)).toMatchObject({
        state: 'unknown',
        evidence: expect.stringContaining(down) as string,
        lag: { lagMs: null },
      }),
    patient,
  );
  await vi.waitFor(
    () =>
      expect(see.alerts()).toEqual(
        expect.arrayContaining([
          `group-member-lost ${server} CRITICAL`,
          `connection-lost ${server} CRITICAL`,
        ]),
      ),
    patient,
  );
}

describe.runIf(clusters.includes('galera'))('a node of a Galera cluster', () => {
  beforeAll(() => begin(startGalera()));
  afterAll(() => cluster.remove());

  test('that catches up after a partition is joining, and nothing is told of its rows until it is there', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3', 'n1 to n2']);
    {
      // Cut off, it locks no table any more.
      await using _ = await stall(n3);
      await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
      await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'degraded', size: 2 }), patient);
      await n1.query('INSERT INTO shop.t VALUES (10, 0)');
      await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
      await becomes(see, 'n3', 'joining');
      await vi.waitFor(() => expect(see.pair('n1 to n3')?.state).toBe('joining'), patient);
      expect(see.pair('n1 to n3')?.evidence).toContain(
        'n3: it is joining (Joining: receiving State Transfer)',
      );
      expect(see.pair('n1 to n3')?.lag).toMatchObject({ lagMs: null });
      const [result] = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
      expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    }
    await whole(see, ['n1 to n3']);
    expect(see.pair('n1 to n2')?.state).toBe('in-sync');
  });

  test('that was stopped and missed a little is whole again after it took that', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3']);
    await n3.stop();
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'degraded', size: 2 }), patient);
    await n1.query('INSERT INTO shop.t VALUES (11, 0)');
    await n3.start();
    await whole(see, ['n1 to n3']);
    expect((await checkOnce({ name: 'shop', source: n1, target: n3 })).map(({ verdict }) => verdict)).toEqual(
      ['MATCH'],
    );
  });

  test('that was killed is copied whole, by a donor that is named meanwhile', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3', 'n1 to n2']);
    await n3.kill9();
    await isDown(see, 'n3', 'n1 to n3');
    await n1.query('INSERT INTO shop.t VALUES (12, 0)');
    let back: Promise<void>;
    {
      await using _ = await heldTransfer(n3);
      back = n3.start();
      const donor = () => see.group().members.find(({ state }) => state === 'donor');
      await vi.waitFor(() => expect(donor()?.server).toMatch(/^n[12]$/), patient);
      await vi.waitFor(
        () => expect(see.pair('n1 to n2')?.evidence).toMatch(/n[12] is a donor or desynced/),
        patient,
      );
      expect(see.pair('n1 to n2')?.state).toBe('in-sync');
      // It is in the view already, and lets nobody log in.
      expect(see.member('n3').state).toBe('unknown');
      expect(see.pair('n1 to n3')?.state).toBe('unknown');
    }
    await back;
    await whole(see, ['n1 to n3', 'n1 to n2']);
    await vi.waitFor(() => expect(see.alerts()).toEqual([]), patient);
  });

  test('that the others voted out is not in its cluster, with that word, and blamed for nothing else', async () => {
    const see = watch(['n1', 'n3'], ['n3', 'n1'], ['n1', 'n2']);
    await whole(see, ['n1 to n3', 'n3 to n1']);
    await alone(n3, 'SET wsrep_on = 0', 'DELETE FROM shop.t WHERE id = 3', 'SET wsrep_on = 1');
    await n1.query('UPDATE shop.t SET v = 33 WHERE id = 3');
    for (const pair of ['n1 to n3', 'n3 to n1']) {
      await vi.waitFor(() => expect(see.pair(pair)?.state).toBe('not-in-group'), patient);
      expect(see.pair(pair)?.evidence).toMatch(/n3: it has left its cluster .*, Inconsistent/);
      await vi.waitFor(
        () =>
          expect(see.pair(pair)?.evidence).toContain(
            'n3: it has left its cluster (wsrep_cluster_status Disconnected, Inconsistent)',
          ),
        patient,
      );
      expect(see.pair(pair)?.replication?.errant).toBeNull();
    }
    await vi.waitFor(() => expect(see.alerts()).toContain('group-member-lost n3 CRITICAL'), patient);
    const [result] = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
    expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    expect(result?.reason).toContain('WSREP has not yet prepared node');
    // What is copied whole has no trace of it.
    await n3.stop();
    await n3.start();
    await whole(see, ['n1 to n3', 'n3 to n1']);
  });

  test('that is cut off and lets old rows be read is not read', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3']);
    await n3.query('SET GLOBAL wsrep_dirty_reads = ON');
    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await becomes(see, 'n3', 'no-quorum');
    await n1.query('UPDATE shop.t SET v = 22 WHERE id = 2');
    const person = await n3.connect();
    expect((await person.query('SELECT v FROM shop.t WHERE id = 2'))[0]).toEqual([{ v: 2 }]);
    await person.end();
    const [result] = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
    expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    expect(result?.reason).toContain('WSREP has not yet prepared node');
    await n3.query('SET GLOBAL wsrep_dirty_reads = OFF');
    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
    await whole(see, ['n1 to n3']);
  });

  test('that hears nobody, and is heard by all, is found out and never called in sync before it has all', async () => {
    const options = async (node: TestServer) => {
      const [row] = await node.query<{ Value: string }>(
        `SHOW GLOBAL VARIABLES LIKE 'wsrep_provider_options'`,
      );
      return (name: string) => new RegExp(` ${name} = ([^;]+);`).exec(row?.Value ?? '')?.[1] ?? '';
    };
    const group = (of: (name: string) => string) => Number(new URL(of('gmcast.listen_addr')).port);
    const links = [];
    for (const node of [n1, n2]) links.push(await oneWay(group(await options(node))));
    const own = await options(n3);
    await n3.stop();
    const kept = ['gmcast.listen_addr', 'ist.recv_addr', 'gcache.size'].map((name) => `${name}=${own(name)}`);
    await n3.start({
      more: [
        `--wsrep-cluster-address=gcomm://${links.map(({ port }) => `127.0.0.1:${port}`).join()}`,
        // Else it ends such a link itself, and makes another.
        `--wsrep-provider-options=base_port=${group(own)};${kept.join(';')};gmcast.peer_timeout=PT90S`,
      ],
    });
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3', 'n1 to n2']);
    const before = see.states('n1 to n3').length;
    for (const link of links) link.deafen(true);
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'degraded', size: 2 }), patient);
    await n1.query('INSERT INTO shop.t VALUES (14, 0)');
    const results = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
    expect(results.map(({ verdict }) => verdict)).not.toContain('DIFFERENT');
    for (const link of links) link.deafen(false);
    await whole(see, ['n1 to n3', 'n1 to n2']);
    const said = see.states('n1 to n3').slice(before);
    expect(said.map(({ state }) => state)).toContain('no-quorum');
    for (const { state, since } of said) {
      if (state !== 'in-sync') continue;
      const member = see.told('n3').findLast((told) => told.since.getTime() <= since.getTime());
      expect(member).toMatchObject({ state: 'in-group' });
    }
    await n3.stop();
    await n3.start();
  });

  test('that ends a statement for a DDL of the cluster is asked again', async () => {
    await arrived(n2);
    const ended = () => wsrepStatus(n2, 'local_bf_aborts').then(Number);
    const before = await ended();
    const slowly = {
      match: 'shop.t',
      ignoreColumns: [],
      maskColumns: [],
      method: null,
      where: 'SLEEP(0.5) = 0',
    };
    const checking = checkOnce({ name: 'shop', source: n1, target: n2 }, {}, 'checksum', {
      tables: { include: ['shop.*'], exclude: [], overrides: [slowly] },
    });
    await vi.waitFor(async () => {
      const threads = await n2.query<{ User: string; Info: string | null }>('SHOW FULL PROCESSLIST');
      const ours = threads.filter(
        ({ User, Info }) => User === n2.monitor.user && Info?.includes('SLEEP(0.5)'),
      );
      expect(ours).not.toEqual([]);
    }, patient);
    await n1.query(`ALTER TABLE shop.t COMMENT 'of the shop'`);
    expect((await checking).map(({ verdict }) => verdict)).toEqual(['MATCH']);
    expect(await ended()).toBeGreaterThan(before);
  });

  test('that was bootstrapped by mistake is another cluster of the same name, and not compared', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3', 'n1 to n2']);
    await n3.stop();
    // Else it says itself that it is not safe.
    await rm(join(n3.dataDir, 'grastate.dat'));
    await n3.start({ more: ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster'] });
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    await vi.waitFor(() => expect(see.alerts()).toContain('group-split n1 CRITICAL'), patient);
    expect(see.pair('n1 to n3')).toMatchObject({
      state: 'not-in-group',
      evidence: expect.stringContaining('two clusters of one name, each with a history of its own') as string,
    });
    expect(see.pair('n1 to n2')?.state).toBe('in-sync');
    const [result] = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
    expect(result?.verdict).not.toBe('DIFFERENT');
    await n3.stop();
    await n3.start();
    await whole(see, ['n1 to n3']);
  });

  test('that is the first of a cluster begun anew is well, though another one still hangs in what was before', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3', 'n1 to n2']);
    const [uuid, seqno] = [
      await wsrepStatus(n1, 'cluster_state_uuid'),
      await wsrepStatus(n1, 'last_committed'),
    ];
    const known = see.told('n1').length;
    await n3.freeze();
    await Promise.all([n1.kill9(), n2.kill9()]);
    // As a person does who knows that nothing was committed since.
    const state = `version: 2.1\nuuid: ${uuid}\nseqno: ${seqno}\nsafe_to_bootstrap: 1\n`;
    for (const node of [n1, n2]) await writeFile(join(node.dataDir, 'grastate.dat'), state);
    await n1.start({ more: ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster'] });
    await vi.waitFor(
      () => expect(see.member('n1').evidence).toContain('it is alone in its view 1 '),
      patient,
    );
    await n2.start();
    await vi.waitFor(() => expect(see.pair('n1 to n2')?.state).toBe('in-sync'), patient);
    expect(see.group()).toMatchObject({ state: 'degraded', size: 2 });
    expect(
      see
        .told('n1')
        .slice(known)
        .map((said) => said.state),
    ).not.toContain('no-quorum');
    n3.thaw();
    await becomes(see, 'n3', 'no-quorum');
  });
});

test.runIf(clusters.includes('galera'))(
  'two nodes that are each alone in a primary component are a split, though no view names anybody',
  async () => {
    await using unnamed = await startGalera(['--wsrep-node-incoming-address=AUTO']);
    const [first, second, third] = unnamed.members;
    await third.stop();
    const servers = { n1: first, n2: second };
    const pair = pairConfig(['shop.*'], { name: 'n1 to n2', source: 'n1', target: 'n2', checks });
    const see = looking(startEngine({ servers, pairs: [pair] }));
    await vi.waitFor(() => expect(see.pair('n1 to n2')?.state).toBe('in-sync'), patient);
    for (const node of [first, second]) {
      await node.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    }
    for (const name of ['n1', 'n2']) await becomes(see, name, 'no-quorum');
    for (const node of [first, second]) {
      await node.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    }
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    expect(see.pair('n1 to n2')?.state).toBe('not-in-group');
    expect(await wsrepStatus(first, 'cluster_conf_id')).toBe(await wsrepStatus(second, 'cluster_conf_id'));
    expect(await wsrepStatus(first, 'incoming_addresses')).toBe('AUTO');
  },
);

test.runIf(clusters.includes('galera'))(
  'a node that was made a primary component beside the others is a split, though no view names anybody',
  async () => {
    await begin(startGalera(['--wsrep-node-incoming-address=AUTO']));
    await using _ = cluster;
    const see = watch(['n1', 'n2'], ['n1', 'n3']);
    await whole(see, ['n1 to n2', 'n1 to n3']);
    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await becomes(see, 'n3', 'no-quorum');
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'degraded', size: 2 }), patient);
    await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    await vi.waitFor(async () => expect(await wsrepStatus(n3, 'cluster_status')).toBe('Primary'), patient);
    // Both went on counting from the view that they had together.
    expect(await wsrepStatus(n3, 'cluster_conf_id')).toBe(await wsrepStatus(n1, 'cluster_conf_id'));
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    expect(see.pair('n1 to n3')).toMatchObject({
      state: 'not-in-group',
      evidence: expect.stringContaining('their cluster is split') as string,
    });
    expect(see.pair('n1 to n2')?.state).toBe('in-sync');
  },
);

describe.runIf(clusters.includes('group-replication'))('a member of a group', () => {
  beforeAll(() => begin(startGroup()));
  afterAll(() => cluster.remove());

  test('that ended with an error and went offline is not in its group, and why it lets nobody in is said', async () => {
    const see = watch(['n1', 'n2'], ['n2', 'n1'], ['n1', 'n3']);
    await whole(see, ['n1 to n2', 'n2 to n1']);
    const closed = 'SET GLOBAL super_read_only = 1';
    await alone(n2, 'SET GLOBAL super_read_only = 0', 'DELETE FROM shop.t WHERE id = 3', closed);
    await n1.query('UPDATE shop.t SET v = 33 WHERE id = 3');
    for (const pair of ['n1 to n2', 'n2 to n1']) {
      await vi.waitFor(() => expect(see.pair(pair)?.state).not.toBe('in-sync'), patient);
    }
    await becomes(see, 'n2', 'not-in-group');
    expect(await memberState(n2)).toBe('ERROR');
    await vi.waitFor(() => expect(see.member('n2').evidence).toContain('offline mode'), patient);
    await vi.waitFor(() => expect(see.pair('n1 to n2')?.state).toBe('unknown'), patient);
    await vi.waitFor(
      () => expect(see.alerts().join()).toMatch(/(connection|group-member)-lost n2 CRITICAL/),
      patient,
    );
    await n2.query('STOP GROUP_REPLICATION');
    await n2.query('SET GLOBAL offline_mode = 0');
    await alone(n2, 'SET GLOBAL super_read_only = 0', 'INSERT INTO shop.t VALUES (3, 3)', closed);
    await n2.query('START GROUP_REPLICATION');
    await whole(see, ['n1 to n2', 'n2 to n1']);
  });

  test('that left with rows in flight is waited for until it is back, as a replica that stands still is', async () => {
    await vi.waitFor(async () => expect(await memberState(n2)).toBe('ONLINE'), patient);
    await n2.query('STOP GROUP_REPLICATION');
    await n1.query('INSERT INTO shop.t VALUES (2001, 1), (2002, 1)');
    let results: unknown[] | null = null;
    const run = checkOnce({ name: 'shop', source: n1, target: n2 }, { waitMs: patienceMs }).then((all) => {
      results = all;
    });
    const early = vi.waitFor(() => expect(results).not.toBeNull(), { timeout: 10 * inVainMs });
    await expect(early).rejects.toThrow();
    await n2.query('START GROUP_REPLICATION');
    await run;
    expect(results).toMatchObject([{ verdict: 'MATCH' }]);
  });

  test('that was killed comes back by recovering, and is joining until it has all', async () => {
    const see = watch(['n1', 'n3'], ['n1', 'n2']);
    await whole(see, ['n1 to n3']);
    await n3.kill9();
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'degraded', size: 2 }), patient);
    await isDown(see, 'n3', 'n1 to n3');
    await n1.query('INSERT INTO shop.t VALUES (13, 0)');
    await n3.start();
    await vi.waitFor(() => expect(see.pair('n1 to n3')?.state).toBe('not-in-group'), patient);
    {
      await using _ = await stall(n3);
      await n3.query('START GROUP_REPLICATION');
      await becomes(see, 'n3', 'joining');
      await vi.waitFor(() => expect(see.pair('n1 to n3')?.state).toBe('joining'), patient);
      const [result] = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
      expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    }
    await whole(see, ['n1 to n3']);
  });
});
