import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGalera, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { engineConfig, startEngine } from '../support/engine.ts';
import { takeOut } from '../support/halves.ts';

const checks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
};

test('what is in doubt between two servers is so whatever they and the pair are called, and for each pair until its own tables match', async () => {
  await using cluster = await startGalera();
  const [n1, n2, n3] = cluster.members;
  await n1.query('CREATE DATABASE shop');
  await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
  for (const table of ['t', 'u']) await n1.query(`CREATE TABLE shop.${table} (id INT PRIMARY KEY)`);
  const has = (node: TestServer, table: string, id: number) =>
    vi.waitFor(async () => {
      expect(await node.query(`SELECT id FROM shop.${table} WHERE id = ${id}`)).toHaveLength(1);
    }, patient);
  await n1.query('INSERT INTO shop.u VALUES (1)');
  for (const node of [n2, n3]) await has(node, 'u', 1);

  const folder = mkdtempSync(join(tmpdir(), 'lockstep-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let third = 'n3';
  const withPairs = (pairs: Record<string, string>) => ({
    servers: { n1, n2, [third]: n3 },
    pairs: ['n2', ...Object.keys(pairs)].map((name) =>
      pairConfig([pairs[name] ?? 'shop.*'], {
        name,
        source: 'n1',
        target: name === 'n2' ? 'n2' : third,
        checks,
      }),
    ),
    file: join(folder, 'lockstep.db'),
  });
  const start = (pairs: Record<string, string>) => {
    const running = startEngine(withPairs(pairs));
    return { ...looking(running), ...running };
  };
  let see = start({ first: 'shop.*' });
  const becomes = (pair: string, state: string) =>
    vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state), patient);
  const doubted = async (pair: string) => {
    await becomes(pair, 'unknown');
    const why = /^lag unknown: n1 and n3 took part in two halves of their cluster/;
    await vi.waitFor(() => expect(see.pair(pair)?.evidence).toMatch(why), patient);
  };
  const reconfigured = (pairs: Record<string, string>) =>
    see.engine.reconfigure(engineConfig(withPairs(pairs)), 'anna');
  const checked = async (pair: string) => {
    const { id } = see.engine.startRun(pair, 'checksum', null, 'anna');
    await vi.waitFor(() => expect(see.engine.run(id)?.state).toBe('finished'), patient);
    return see.engine.run(id)!.verdicts;
  };
  await becomes('first', 'in-sync');
  await takeOut(true, n3, () => expect(see.member('n3').state).toBe('no-quorum'));
  await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
  await n3.query('INSERT INTO shop.t VALUES (30)');
  for (let id = 10; id < 20; id++) await n1.query(`INSERT INTO shop.t VALUES (${id})`);
  await n3.stop();
  await n3.start();
  await vi.waitFor(() => expect(see.member('n3').state).toBe('in-group'), patient);
  await doubted('first');

  await reconfigured({ second: 'shop.*' });
  await doubted('second');
  await see.stop();
  third = 'renamed';
  see = start({ third: 'shop.u', beside: 'shop.*' });
  await doubted('third');
  await doubted('beside');
  expect(await checked('third')).toEqual({ MATCH: 1 });
  await becomes('third', 'in-sync');
  await doubted('beside');
  await see.stop();
  see = start({ third: 'shop.u', beside: 'shop.*' });
  await becomes('third', 'in-sync');
  await doubted('beside');
  expect(await checked('beside')).toEqual({ DIFFERENT: 1, MATCH: 1 });
  await doubted('beside');
});
