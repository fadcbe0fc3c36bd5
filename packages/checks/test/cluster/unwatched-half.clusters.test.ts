import { startReplica, startServer, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { shopWithReplica, startAlike } from '../support/halves.ts';

test('what a replica gets from a node that nobody watches is in doubt once that is a half of its own, not where it was out', async () => {
  await using cluster = await startAlike();
  await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
  const [n1, n2, n3] = cluster.members;
  const { has } = await shopWithReplica(cluster, a1, n3);
  const see = looking(
    startEngine({
      servers: { n1, n2, a1 },
      pairs: ['n1n2', 'n1a1'].map((name) =>
        pairConfig(['shop.*'], { name, source: name.slice(0, 2), target: name.slice(2) }),
      ),
    }),
  );
  const becomes = (pair: string, state: string) =>
    vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state), patient);
  const isOf = (size: number) => vi.waitFor(() => expect(see.group().size).toBe(size), patient);
  for (const pair of ['n1n2', 'n1a1']) await becomes(pair, 'in-sync');

  await n3.stop();
  await isOf(2);
  await n1.query('INSERT INTO shop.t VALUES (2)');
  await n3.start();
  await isOf(3);
  await stopReplica(a1);
  await startReplica(a1);
  await has(a1, 2);
  await becomes('n1a1', 'in-sync');
  expect(see.states('n1a1').filter(({ evidence }) => evidence.includes('two halves'))).toEqual([]);

  await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
  await isOf(2);
  await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
  await vi.waitFor(() => n3.query('INSERT INTO shop.t VALUES (30)'), patient);
  for (let id = 31; id < 40; id++) await n3.query(`INSERT INTO shop.t VALUES (${id})`);
  for (let id = 10; id < 20; id++) await n1.query(`INSERT INTO shop.t VALUES (${id})`);
  await has(a1, 39);
  await vi.waitFor(() => {
    const why = `n1 and 127.0.0.1:${n3.port} took part in two halves of their cluster`;
    expect(see.pair('n1a1')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringContaining(why) as string,
    });
  }, patient);
});
