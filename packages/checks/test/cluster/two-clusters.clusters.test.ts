import { replicate, startGalera, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { startAlike, takeOut } from '../support/halves.ts';

test('what comes from a cluster to another is in doubt where either of the two fell in two halves', async () => {
  await using from = await startAlike();
  await using to = await startGalera(['--wsrep-cluster-name=other']);
  const [n1, n2, n3] = from.members;
  const [m1, m2, m3] = to.members;
  await replicate(m1, n1);
  await n1.query('CREATE DATABASE shop');
  await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  await n1.query('INSERT INTO shop.t VALUES (1)');
  for (const node of [n2, n3, m1, m2, m3]) {
    await vi.waitFor(async () => {
      expect(await node.query('SELECT id FROM shop.t').catch(() => [])).toHaveLength(1);
    }, patient);
  }
  const names = ['n1m1', 'n1m2', 'n1m3', 'n2m1', 'n2m2', 'n2m3'];
  const see = looking(
    startEngine({
      servers: { n1, n2, n3, m1, m2, m3 },
      pairs: [...names, 'n1n3'].map((name) =>
        pairConfig([], { name, source: name.slice(0, 2), target: name.slice(2) }),
      ),
    }),
  );
  const becomes = (pair: string, state: string, why = /(?:)/) =>
    vi.waitFor(() => {
      expect(see.pair(pair), see.pair(pair)?.evidence).toMatchObject({
        state,
        evidence: expect.stringMatching(why) as string,
      });
    }, patient);
  const half = async (node: TestServer, name: string) => {
    const state = () =>
      see.engine
        .groups()
        .flatMap(({ members }) => members)
        .find(({ server }) => server === name)?.state;
    await takeOut(true, node, () => expect(state()).toBe('no-quorum'));
  };
  for (const pair of names) await becomes(pair, 'in-sync');

  await half(m3, 'm3');
  for (const source of ['n1', 'n2']) {
    await becomes(`${source}m3`, 'unknown', /m3 and m[12] took part in two halves of their cluster/);
    for (const target of ['m1', 'm2']) await becomes(`${source}${target}`, 'in-sync');
  }
  await half(n1, 'n1');
  for (const target of ['m1', 'm2']) {
    await becomes(`n2${target}`, 'unknown', /n2 and n1 took part in two halves of their cluster/);
  }
  await becomes('n1m1', 'in-sync');
});
