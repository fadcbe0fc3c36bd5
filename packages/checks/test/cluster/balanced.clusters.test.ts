import {
  type Cluster,
  findHaproxy,
  startGalera,
  startGroup,
  startHaproxy,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { looking, stall } from '../support/cluster.ts';
import { connection, pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';

const haproxy = await findHaproxy().catch(() => null);

describe.each(clusters)('an address that leads to any member of a %s cluster', (kind) => {
  let cluster: Cluster;
  let n1: TestServer, n2: TestServer, n3: TestServer;

  beforeAll(async () => {
    // As many have it: all nodes with one number.
    const alike = ['--wsrep-gtid-mode=ON', '--wsrep-gtid-domain-id=7', '--server-id=9'];
    cluster = await (kind === 'galera' ? startGalera(alike) : startGroup());
    [n1, n2, n3] = cluster.members;
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1), (2, 2)');
    for (const node of [n2, n3]) {
      await vi.waitFor(async () => expect(await node.query('SELECT * FROM shop.t')).toHaveLength(2), patient);
      // No member but the first is in sync with it, or the same.
      const person = await node.connect();
      if (kind === 'galera') await person.query('SET SESSION wsrep_on = 0');
      else {
        await person.query('SET GLOBAL super_read_only = OFF');
        await person.query('SET sql_log_bin = 0');
      }
      await person.query('UPDATE shop.t SET v = 3 WHERE id = 1');
      if (kind !== 'galera') await person.query('SET GLOBAL super_read_only = ON');
      await person.end();
    }
  });
  afterAll(() => cluster.remove());

  const balancers: Record<string, () => Promise<number>> = {
    'a port that takes them in turn': async () => {
      let turn = 0;
      const { port } = await forward(() => cluster.members[turn++ % 3]!.port);
      return port;
    },
    ...(haproxy && {
      HAProxy: async () => {
        const proxy = await startHaproxy(
          cluster.members.map(({ port }) => port),
          60_000,
        );
        onTestFinished(() => proxy.remove());
        return proxy.port;
      },
    }),
  };

  test.each(Object.keys(balancers))(
    'is said in one sentence with its remedy, and left alone: %s',
    async (name) => {
      const port = await balancers[name]!();
      await using _ = await stall(n2);
      await using __ = await stall(n3);
      await n1.query('INSERT INTO shop.t (id, v) SELECT MAX(id) + 1, 0 FROM shop.t');
      const pairs = ['n1 to vip', 'vip to n1'];
      // Nothing that was seen of one member, and then of another, is told before it is known what this is.
      const forMs = 3_600_000;
      const alerts = { forMs, keepFiringForMs: 500, severities: {}, unverifiedForMs: forMs };
      const lag = { warningMs: 5000, criticalMs: 15_000, forMs };
      const running = startEngine({
        servers: { n1, vip: n1 },
        reach: { vip: { port } },
        pairs: pairs.map((name) => {
          const [source, target] = name.split(' to ');
          return pairConfig(['shop.*'], { name, source: source!, target: target!, checks: noChecks, lag });
        }),
        config: { connection: { ...connection, leftAloneMs: 3_600_000 }, alerts },
      });
      const { engine, events } = running;
      const see = looking(running);
      const told = () => engine.server('vip')?.evidence;
      const runs = new Set<string>();
      const run = () => {
        for (const pair of pairs) {
          const of = [...runs].flatMap((id) => engine.run(id) ?? []).filter((run) => run.pair === pair);
          if (of.every(({ state }) => state !== 'running')) {
            runs.add(engine.startRun(pair, 'checksum', null, 'me').id);
          }
        }
      };
      await vi.waitFor(() => {
        run();
        expect(told()).toMatch(
          /each connection leads to another server \([23] seen: .+\): a name that balances; name instances/,
        );
      }, patient);
      for (const pair of pairs) {
        await vi.waitFor(
          () =>
            expect(engine.pair(pair)).toMatchObject({
              state: 'unknown',
              evidence: expect.stringContaining('name instances') as string,
            }),
          patient,
        );
      }
      const opened = async () => {
        const counts = [n2, n3].map((node) =>
          node.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Connections'`),
        );
        return (await Promise.all(counts)).map(([row]) => row?.Value);
      };
      const before = await opened();
      run();
      // Whoever asks meanwhile, and asks again.
      for (let i = 0; i < 5; i++) {
        const { lastContact } = engine.server('n1')!;
        await vi.waitFor(() => expect(engine.server('n1')!.lastContact).not.toEqual(lastContact), patient);
      }
      expect(await opened()).toEqual(before);
      const verdicts = events.flatMap((event) =>
        event.type === 'run' ? Object.keys(event.data.verdicts) : [],
      );
      expect(verdicts).not.toContain('MATCH');
      // Nothing that some member said is said of all.
      expect(see.states('n1 to vip').filter(({ state }) => state !== 'unknown')).toEqual([]);
      expect(see.states('vip to n1').filter(({ state }) => state === 'not-configured')).toEqual([]);
      expect(engine.server('vip')).toMatchObject({ connection: 'disconnected', replaced: null });
      await vi.waitFor(() => expect(see.alerts()).toEqual(['connection-lost vip CRITICAL']), patient);
    },
  );
});
