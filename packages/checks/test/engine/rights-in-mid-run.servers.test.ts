import { createFreshSchema, type OwnPair, startPair, startReplica, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { killSessions, noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

/** All that README's GRANTs give, and `SELECT` on the schema. */
const rights = {
  mysql: [
    'REPLICATION CLIENT ON *.*',
    'SELECT ON performance_schema.replication_connection_status',
    'SELECT ON performance_schema.replication_applier_status_by_worker',
  ],
  mariadb: ['SLAVE MONITOR ON *.*', 'BINLOG MONITOR ON *.*'],
};

describe.each(flavours)('on %s', (flavour) => {
  test('a right that is taken away while the lag is measured and a run goes on makes nothing look well', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    for (const table of ['other', 'same']) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
      const rows = Array.from({ length: 100 }, (_, id) => `(${id}, 0)`);
      await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES ${rows.join()}`);
    }
    await plant(schema, `UPDATE ${schema.sql}.other SET v = 3 WHERE id IN (0, 99)`);
    const { engine, events } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [
        pairConfig([`${schema.name}.*`], {
          checks: noChecks,
          lag: { warningMs: 300, criticalMs: 3_600_000, forMs: 0 },
          verify: { ...verifyConfig, maxChunkRows: 10, parallel: 1 },
          tables: {
            include: [`${schema.name}.*`],
            exclude: [],
            overrides: [
              {
                match: '*.*',
                ignoreColumns: [],
                maskColumns: [],
                method: null,
                where: 'SLEEP(0.005) = 0',
              },
            ],
          },
        }),
      ],
    });
    const is = (state: RegExp) =>
      vi.waitFor(() => expect(engine.pair('pair')?.state).toMatch(state), patient);
    const verdicts = () => engine.tables('pair').map(({ checksum }) => checksum?.verdict);
    const missing = () => engine.servers().flatMap(({ missingPrivileges }) => missingPrivileges).length;

    for (const right of [...rights[flavour], `SELECT ON ${schema.sql.replaceAll('_', '\\_')}.*`]) {
      await is(/^in-sync$/);
      const { id } = engine.startRun('pair', 'checksum', null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.progress.rowsDone).toBeGreaterThan(0), patient);
      await say(pair, `REVOKE ${right} FROM`);
      const from = events.length;
      await stopReplica(pair.target, 'sql');
      await pair.source.query(`INSERT INTO ${schema.sql}.same SELECT MAX(id) + 1, 0 FROM ${schema.sql}.same`);
      await is(/^(lagging|stopped)$/);
      await startReplica(pair.target, 'sql');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      const [other, same] = verdicts();
      expect([right, other]).toEqual([right, expect.stringMatching(/^(DIFFERENT|UNVERIFIED)$/)]);
      expect([right, same]).toEqual([right, expect.stringMatching(/^(MATCH|UNVERIFIED)$/)]);
      await is(/^in-sync$/);
      const states = events.slice(from).flatMap((event) => (event.type === 'pair' ? event.data.state : []));
      expect(new Set(states)).not.toContain('vanished');
      expect(new Set(states)).not.toContain('not-configured');
      expect(new Set(states)).not.toContain('broken');

      await say(pair, `GRANT ${right} TO`);
      await vi.waitFor(() => {
        expect(missing()).toBe(0);
        expect(engine.pair('pair')).toMatchObject({ state: 'in-sync', replication: { channels: [{}] } });
      }, patient);
    }
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
    expect(verdicts()).toEqual(['DIFFERENT', 'MATCH']);
  });
});

/** New sessions have it, or not, at once: what holds everywhere holds for the length of one. */
async function say({ source, target }: OwnPair, what: string): Promise<void> {
  for (const server of [source, target]) {
    await server.query('SET sql_log_bin = 0');
    await server.query(`${what} '${server.monitor.user}'@'127.0.0.1'`);
    await server.query('SET sql_log_bin = 1');
    await killSessions(server);
  }
}
