import { createFreshSchema, type ServerHandle, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { engineConfig, startEngine } from '../support/engine.ts';
import { rewritingServer } from '../support/made-up-server.ts';

/**
 * A real server that says it is one of an Aurora cluster: no such cluster can be had here, so this holds what its
 * documents say of it, and no more.
 */
async function auroraServer(real: ServerHandle, instance: string, reader: boolean): Promise<number> {
  const own: Record<string, string> = {
    aurora_server_id: instance,
    aurora_version: '3.06.0',
    innodb_read_only: reader ? 'ON' : 'OFF',
  };
  const said = Object.entries(own).map(
    ([name, value]) => `SELECT '${name}' AS Variable_name, '${value}' AS Value`,
  );
  const members = ['writer-1', 'reader-1'].map(
    (name, i) =>
      `SELECT '${name}' AS SERVER_ID, ${14.2 * i} AS REPLICA_LAG_IN_MILLISECONDS, '2026-01-02 03:04:05' AS LAST_UPDATE_TIMESTAMP`,
  );
  const rewritten = (statement: string): string => {
    const [, names] = /^\s*SHOW SESSION VARIABLES WHERE Variable_name IN \((.*)\)$/s.exec(statement) ?? [];
    if (names !== undefined) {
      return `SELECT * FROM (SELECT VARIABLE_NAME AS Variable_name, VARIABLE_VALUE AS Value FROM performance_schema.session_variables
        WHERE VARIABLE_NAME IN (${names}) AND VARIABLE_NAME <> 'innodb_read_only' UNION ALL ${said.join(' UNION ALL ')}) AS v
        WHERE Variable_name IN (${names})`;
    }
    return statement
      .replaceAll('@@aurora_server_id', `'${instance}'`)
      .replaceAll('@@global.innodb_read_only', reader ? '1' : '0')
      .replaceAll(
        'information_schema.replica_host_status',
        `(${members.join(' UNION ALL ')}) AS replica_host_status`,
      );
  };
  return await rewritingServer(real.port, (packet) => packet.split(';').map(rewritten).join(';'));
}

test('an Aurora reader is read-only, tells its lag by its own figure, and is compared on request only', async () => {
  await using pair = await startPair({ flavour: 'mysql' });
  const schema = await createFreshSchema(pair);
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
  await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1)`);
  const servers = { source: pair.source, target: pair.source };
  const pairs = [pairConfig([`${schema.name}.*`])];
  const ports = {
    source: await auroraServer(pair.source, 'writer-1', false),
    target: await auroraServer(pair.source, 'reader-1', true),
  };
  const { alerts } = engineConfig({ servers, pairs });
  const { engine } = startEngine({
    servers,
    pairs,
    reach: { source: { port: ports.source }, target: { port: ports.target } },
    config: { alerts: { ...alerts, unverifiedForMs: 0 } },
  });
  const storage = 'source and target are of one Aurora cluster and read the same storage, which is no copy';
  await vi.waitFor(() => {
    expect(engine.pair('pair')).toMatchObject({
      state: 'not-configured',
      evidence: `target is not a replica: ${storage}; Aurora's own figure of its lag is 14 ms, of 2026-01-02 03:04:05`,
      lag: { lagMs: null },
      replication: { sameStorage: storage },
    });
  }, patient);
  const roles = engine.servers().map(({ name, readOnly, evidence }) => ({ name, readOnly, evidence }));
  expect(roles).toEqual([
    { name: 'source', readOnly: false, evidence: expect.stringMatching(/\(Aurora 3\.06\.0\)$/) as string },
    {
      name: 'target',
      readOnly: true,
      evidence: expect.stringMatching(/\(Aurora 3\.06\.0, a reader\)$/) as string,
    },
  ]);
  // Both checks were due at the start.
  await vi.waitFor(() => {
    const due = engine.schedules().map(({ nextRun }) => (nextRun?.getTime() ?? 0) > Date.now());
    expect(due).toEqual([true, true]);
  }, patient);
  expect(engine.runs({}, { limit: 5 }).items).toEqual([]);

  engine.startRun('pair', 'checksum', null, 'me');
  await vi.waitFor(() => {
    const { verdict, reason } = engine.table('pair', schema.name, 't')?.standing ?? {};
    expect(verdict, reason).toBe('MATCH');
    expect(reason).toBe(`1 row compared, all the same; ${storage}`);
  }, patient);
  expect(engine.alerts({ states: ['firing'] }, { limit: 5 }).items.map(({ rule }) => rule)).toEqual([]);
});
