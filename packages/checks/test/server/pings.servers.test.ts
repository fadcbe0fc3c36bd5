import { startServer } from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import type { ServerState } from '../../src/model/server.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { connection, serverConfig } from '../support/config.ts';
import { rewritingServer } from '../support/made-up-server.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a ping is one statement, also between others whose limit is another', async () => {
    await using server = await startServer({ flavour });
    const manager = new ConnectionManager({
      servers: [serverConfig('a', server)],
      connection: { ...connection, connectTimeoutMs: unhurriedMs, healthIntervalMs: 100 },
      log: silent,
      onChange: () => undefined,
    });
    onTestFinished(() => manager.stop());
    manager.start();
    const a = manager.get('a');
    await a.waitUntilConnected(patient.timeout);
    await server.query(`SET GLOBAL log_output = 'TABLE'`);
    await server.query('SET GLOBAL general_log = ON');
    const asked = async (sql: string) => {
      const [row] = await server.query<{ n: number }>(
        `SELECT COUNT(*) AS n FROM mysql.general_log
         WHERE user_host LIKE '${server.monitor.user}%' AND CONVERT(argument USING utf8mb4) LIKE '${sql}'`,
      );
      return Number(row?.n);
    };
    await vi.waitFor(async () => {
      await a.query('SELECT 1', [], { lane: 'status' });
      expect(await asked('SELECT%UTC_TIMESTAMP%')).toBeGreaterThan(2);
    }, patient);
    expect(await asked('SELECT%, 1')).toBeGreaterThan(2);
    expect(await asked('SET SESSION max%')).toBe(0);
  });
});

/** No MariaDB 12 can be had here: one that says of itself what that says. */
test.runIf(flavours.includes('mariadb'))('a server is read-only whatever it calls that', async () => {
  await using server = await startServer({ flavour: 'mariadb' });
  const port = await rewritingServer(server.port, (packet) =>
    packet
      .replace(
        /SHOW SESSION VARIABLES WHERE Variable_name IN \((.*)\)/s,
        `SELECT LOWER(VARIABLE_NAME) AS Variable_name, IF(VARIABLE_NAME = 'READ_ONLY', 'NO_LOCK', VARIABLE_VALUE) AS Value
         FROM information_schema.SESSION_VARIABLES WHERE VARIABLE_NAME IN ($1)`,
      )
      .replaceAll(/@@(global\.)?read_only/g, `'NO_LOCK'`),
  );
  const states: ServerState[] = [];
  const manager = new ConnectionManager({
    servers: [serverConfig('a', server, port)],
    connection: { ...connection, connectTimeoutMs: unhurriedMs, healthIntervalMs: 100, renewMs: 100 },
    log: silent,
    onChange: (state) => states.push(state),
  });
  onTestFinished(() => manager.stop());
  manager.start();
  const a = manager.get('a');
  // The first ping tells it.
  await vi.waitFor(() => expect(a.state.clockAheadMs).not.toBeNull(), patient);
  await vi.waitFor(() => expect(a.state.readOnly).toBe(true), patient);
  expect(states.filter(({ readOnly }) => readOnly === false)).toEqual([]);
  expect(a.state.readOnlyChanged).toBeNull();
});
