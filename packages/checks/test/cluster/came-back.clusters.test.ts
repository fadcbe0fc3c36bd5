import { startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { shopWithReplica, startAlike, takeOut } from '../support/halves.ts';

test('a source that is out for a moment while its cluster is in two halves, and comes back to its own, has what it had', async () => {
  await using cluster = await startAlike();
  await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
  const [n1, n2, n3] = cluster.members;
  const { has } = await shopWithReplica(cluster, a1, n1);
  const running = startEngine({
    servers: { n1, n2, n3, a1 },
    pairs: ['n1a1', 'n1n2', 'n1n3'].map((name) =>
      pairConfig(['shop.*'], { name, source: name.slice(0, 2), target: name.slice(2) }),
    ),
  });
  const see = looking(running);
  const becomes = (pair: string, state: string) =>
    vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state), patient);
  const isIn = (node: string) =>
    vi.waitFor(() => expect(see.member(node).state, see.member(node).evidence).toBe('in-group'), patient);
  for (const pair of ['n1a1', 'n1n2', 'n1n3']) await becomes(pair, 'in-sync');

  await takeOut(true, n3, () => expect(see.member('n3').state).toBe('no-quorum'));
  await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
  await n3.query('INSERT INTO shop.t VALUES (30)');
  for (let id = 10; id < 20; id++) await n1.query(`INSERT INTO shop.t VALUES (${id})`);
  await n1.stop();
  await vi.waitFor(() => expect(see.member('n1').state).not.toBe('in-group'), patient);
  await n1.start();
  await isIn('n1');
  await becomes('n1n2', 'in-sync');
  await becomes('n1a1', 'in-sync');

  await n3.stop();
  await n3.start();
  await isIn('n3');
  await becomes('n1n3', 'unknown');
  await n1.query('INSERT INTO shop.t VALUES (100)');
  await has(a1, 100);
  const seen = running.events.length;
  await vi.waitFor(() => {
    const since = running.events.slice(seen).filter(({ type }) => type === 'lag');
    expect(since.length).toBeGreaterThan(40);
  }, patient);
  expect(
    see
      .states('n1a1')
      .map((s) => s.evidence)
      .filter((e) => e.includes('went over')),
  ).toEqual([]);
  await becomes('n1a1', 'in-sync');
});
