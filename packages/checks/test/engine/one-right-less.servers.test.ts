import { createFreshSchema, type OwnPair, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

/** What README's table of privileges says of each. */
const rights = [
  { flavour: 'mysql', right: 'REPLICATION CLIENT ON *.*', lost: ['replication status'], sees: false },
  {
    flavour: 'mysql',
    right: 'SELECT ON performance_schema.replication_connection_status',
    lost: ['receiver details'],
    sees: true,
  },
  {
    flavour: 'mysql',
    right: 'SELECT ON performance_schema.replication_applier_status_by_worker',
    lost: ['applier workers'],
    sees: true,
  },
  { flavour: 'mariadb', right: 'SLAVE MONITOR ON *.*', lost: ['replication status'], sees: false },
  // A place in the binlog is for pairs without GTIDs.
  { flavour: 'mariadb', right: 'BINLOG MONITOR ON *.*', lost: [], sees: true },
] as const;

async function revoke({ source, target }: OwnPair, right: string): Promise<void> {
  for (const server of [source, target]) {
    await server.query('SET sql_log_bin = 0');
    await server.query(`REVOKE ${right} FROM '${server.monitor.user}'@'127.0.0.1'`);
    await server.query('SET sql_log_bin = 1');
  }
}

describe.each(rights)('without $right on $flavour', ({ flavour, right, lost, sees }) => {
  test('lag and verdicts are as with it, what is lost is said once, with the GRANT', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    for (const table of ['other', 'same']) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
      await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES (1, 1), (2, 2)`);
    }
    await plant(schema, `UPDATE ${schema.sql}.other SET v = 3 WHERE id = 2`);
    await revoke(pair, right);
    const { engine, events } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      expect(engine.pair('pair')).toMatchObject({ state: 'in-sync', lag: { lagMs: 0, method: 'gtid' } });
      const target = engine.servers().find(({ name }) => name === 'target');
      expect(target?.missingPrivileges.map(({ feature }) => feature)).toEqual(lost);
      // Read again and again, without another word.
      expect(events.filter(({ type }) => type === 'replication').length).toBeGreaterThan(8);
    }, patient);
    const { evidence, replication } = engine.pair('pair')!;
    expect(/threads and filters of target: not visible/.test(evidence)).toBe(!sees);
    expect(replication?.channels?.length ?? null).toBe(sees ? 1 : null);
    const told = events.flatMap((event) =>
      event.type === 'pairEvent' && event.data.message.includes('mended by: GRANT')
        ? [event.data.message]
        : [],
    );
    expect(told).toHaveLength(lost.length);
    expect(told.join()).toContain(lost.length > 0 ? `GRANT ${right} TO` : '');

    const [other, same] = await checkOnce(schema);
    expect([other?.verdict, other?.differences.changed, same?.verdict]).toEqual(['DIFFERENT', 1, 'MATCH']);
    await pair.source.query(`CREATE TABLE ${schema.sql}.late (id INT PRIMARY KEY)`);
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    await schema.caughtUp();
    expect((await checkOnce(schema)).map(({ verdict }) => verdict)).toEqual(['MATCH', 'DIFFERENT', 'MATCH']);
  });
});
