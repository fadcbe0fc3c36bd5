import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replicate, startGalera, type TestServer, wsrepStatus } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const ready = (node: TestServer) =>
  vi.waitFor(async () => expect(await wsrepStatus(node, 'ready')).toBe('ON'), patient);

/** The nodes go on with the history of another cluster, as those do that were made of a backup of it. */
async function beginFrom(origin: TestServer, [first, ...others]: TestServer[]): Promise<void> {
  const uuid = await wsrepStatus(origin, 'cluster_state_uuid');
  const start = async (node: TestServer, at: TestServer, more: string[]) => {
    const seqno = await wsrepStatus(at, 'last_committed');
    const state = `version: 2.1\nuuid: ${uuid}\nseqno: ${seqno}\nsafe_to_bootstrap: 1\n`;
    await writeFile(join(node.dataDir, 'grastate.dat'), state);
    await node.start({ more: [...more, `--wsrep-start-position=${uuid}:${seqno}`] });
    await ready(node);
  };
  for (const node of [...others, first!].toReversed()) await node.stop();
  await start(first!, origin, ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster']);
  for (const node of others) await start(node, first!, []);
}

describe.runIf(clusters.includes('galera')).each([
  ['names its nodes', []],
  ['names nobody in views (the default)', ['--wsrep-node-incoming-address=AUTO']],
])('a Galera cluster that %s', (_, naming) => {
  test('and that was begun from a copy of another has what comes by a channel, and its numbers are not those of the other', async () => {
    const alike = ['--wsrep-gtid-mode=ON', ...naming];
    await using from = await startGalera([...alike, '--wsrep-gtid-domain-id=7', '--server-id=9']);
    await using to = await startGalera([
      ...alike,
      '--wsrep-gtid-domain-id=8',
      '--server-id=19',
      '--wsrep-cluster-name=copy',
    ]);
    const [n1, n2, n3] = from.members;
    const [d1, d2, d3] = to.members;
    await beginFrom(n1, to.members);
    for (const [index, node] of [...from.members, ...to.members].entries()) {
      const domain = index < 3 ? 7 : 8;
      await node.query(`SET GLOBAL wsrep_gtid_domain_id = ${domain}, GLOBAL gtid_domain_id = ${11 + index}`);
    }
    await replicate(d1, n2);
    await n1.query('CREATE DATABASE shop');
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    const arrived = (node: TestServer, rows: number) =>
      vi.waitFor(async () => expect(await node.query('SELECT * FROM shop.t')).toHaveLength(rows), patient);
    await n1.query('INSERT INTO shop.t VALUES (1)');
    await arrived(d2, 1);
    const pairs = ['n1n2', 'n1n3', 'd1d2', 'd1d3', 'n1d1', 'n1d2', 'n3d3'].map((name) =>
      pairConfig(['shop.*'], { name, source: name.slice(0, 2), target: name.slice(2), checks: noChecks }),
    );
    const see = looking(startEngine({ servers: { n1, n2, n3, d1, d2, d3 }, pairs }));
    for (const { name } of pairs) {
      await vi.waitFor(() => expect(see.pair(name)?.state).toBe('in-sync'), patient);
    }
    for (const name of ['n1d1', 'n1d2', 'n3d3']) {
      expect(see.pair(name)?.replication?.evidence).not.toContain('members of one cluster');
    }
    const before = new Map(pairs.map(({ name }) => [name, see.states(name).length]));
    await d1.query('STOP SLAVE');
    const seqno = async (node: TestServer) => Number(await wsrepStatus(node, 'last_committed'));
    await n1.query('INSERT INTO shop.t VALUES (2), (3)');
    await arrived(n2, 3);
    await d1.query('CREATE DATABASE own');
    await d1.query('CREATE TABLE own.t (id INT PRIMARY KEY)');
    for (let id = 0; (await seqno(d1)) <= (await seqno(n1)); id++) {
      await d1.query(`INSERT INTO own.t VALUES (${id})`);
    }
    await vi.waitFor(() => expect(see.pair('n1d1')?.state).toBe('stopped'), patient);
    for (const name of ['n1d2', 'n3d3']) {
      await vi.waitFor(() => expect(see.pair(name)?.lag?.lagMs).toBeGreaterThan(0), patient);
    }
    for (const { state } of see.engine.groups()) expect(state).toBe('whole');
    await d1.query('START SLAVE');
    for (const { name } of pairs) {
      await vi.waitFor(() => expect(see.pair(name)?.state).toBe('in-sync'), patient);
    }
    const told = pairs.flatMap(({ name }) =>
      see
        .states(name)
        .slice(before.get(name))
        .map(({ state }) => state),
    );
    expect(told).not.toContain('not-in-group');
  });
});
