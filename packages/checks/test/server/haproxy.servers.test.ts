import { findHaproxy, startHaproxy, startServer, type TestServer } from '@lockstep/servers';
import { patient, soonSilentMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { connection, serverConfig } from '../support/config.ts';

const found = await findHaproxy().catch(() => null);

describe.runIf(found).each(flavours)('on %s, behind HAProxy', (flavour) => {
  let servers: TestServer[];
  beforeAll(async () => {
    servers = await Promise.all([startServer({ flavour }), startServer({ flavour })]);
    for (const server of servers) await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
  });
  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  const connect = async (before: TestServer[], idleMs: number, healthIntervalMs: number) => {
    const proxy = await startHaproxy(
      before.map(({ port }) => port),
      idleMs,
    );
    onTestFinished(() => proxy.remove());
    const server = { ...serverConfig('vip', servers[0]!, proxy.port), user: 'same' };
    const manager = new ConnectionManager({
      servers: [{ ...server, password: () => Promise.resolve('pw') }],
      connection: { ...connection, healthIntervalMs, renewMs: 200, leftAloneMs: 3_600_000 },
      log: silent,
      onChange: () => undefined,
    });
    onTestFinished(() => manager.stop());
    manager.start();
    return manager.get('vip');
  };

  test('two servers in turn are told in one sentence, with its remedy', async () => {
    const vip = await connect(servers, 60_000, 100);
    await vi.waitFor(async () => {
      await Promise.allSettled([vip.query('SELECT 1'), vip.query('SELECT 1', [], { lane: 'sampler' })]);
      expect(vip.state.evidence).toMatch(
        /each connection leads to another server \(2 seen: .+name instances/,
      );
    }, patient);
    expect(vip.state).toMatchObject({ connection: 'disconnected', replaced: null });
  });

  test('one whose idle connections it cuts is there all the time', async () => {
    const [server] = servers as [TestServer];
    // Longer than a login takes, be the machine busy.
    const vip = await connect([server], 4 * soonSilentMs, 3_600_000);
    await vip.waitUntilConnected(patient.timeout);
    const asked = { 'SELECT CONNECTION_ID() AS id': new Set(), 'SHOW PROCESSLIST': new Set() };
    for (let i = 0; i < 2; i++) {
      for (const [sql, sessions] of Object.entries(asked)) {
        const rows = await vip.query(sql);
        expect(rows).not.toEqual([]);
        sessions.add(String(Object.values(rows[0] ?? {})[0]));
      }
      // Until the server has lost what was idle.
      const idle = [...asked['SELECT CONNECTION_ID() AS id']].join(', ');
      await vi.waitFor(async () => {
        expect(
          await server.query(`SELECT 1 FROM information_schema.processlist WHERE id IN (${idle})`),
        ).toEqual([]);
      }, patient);
    }
    expect(asked['SELECT CONNECTION_ID() AS id'].size).toBeGreaterThan(1);
    expect(vip.state).toMatchObject({ connection: 'connected', replaced: null });
  });
});
