import {
  createFreshSchema,
  type FreshSchema,
  type Pair,
  startPair,
  startReplica,
  stopReplica,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours, freshSchema, tendedPair } from '@lockstep/servers/vitest';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

/** As on platforms that let nobody see replication: what is left is SELECT, and what everybody may. */
const revokeAll = (pair: Pair) => change(pair, 'REVOKE', 'FROM');
const grantAll = (pair: Pair) => change(pair, 'GRANT', 'TO');

async function change(pair: Pair, verb: string, preposition: string): Promise<void> {
  for (const server of [pair.source, pair.target]) {
    const account = `'${server.monitor.user}'@'127.0.0.1'`;
    const privileges = server.flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
    await server.query('SET sql_log_bin = 0');
    await server.query(`${verb} ${privileges} ON *.* ${preposition} ${account}`);
    await server.query('SET sql_log_bin = 1');
  }
}

async function twoTables(schema: FreshSchema): Promise<void> {
  for (const table of ['other', 'same']) {
    await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES (1, 1), (2, 2)`);
  }
  await plant(schema, `UPDATE ${schema.sql}.other SET v = 3 WHERE id = 2`);
}

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({ flavour });
  afterEach(() => grantAll(pair));

  test('where nobody may see replication, GTIDs tell the lag and decide the tables, and what is not seen is said', async () => {
    const schema = await freshSchema(pair);
    await twoTables(schema);
    await revokeAll(pair);
    const { engine } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      expect(engine.pair('pair')).toMatchObject({ state: 'in-sync', lag: { lagMs: 0, method: 'gtid' } });
    }, patient);
    expect(engine.pair('pair')?.evidence).toMatch(
      /; threads and filters of target: not visible with this account: .*\((1227)\)/,
    );
    const [other, same] = await checkOnce(schema);
    expect([other?.verdict, other?.differences.changed, same?.verdict]).toEqual(['DIFFERENT', 1, 'MATCH']);

    // What has not come yet is seen as that, and is no difference.
    await stopReplica(pair.target, 'sql');
    await pair.source.query(`UPDATE ${schema.sql}.same SET v = 4`);
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('lagging'), patient);
    expect(engine.pair('pair')?.lag?.transactionsBehind).toBe(1);
    const late = await checkOnce(schema, { waitMs: inVainMs });
    expect(late.map(({ verdict }) => verdict)).toEqual(['UNVERIFIED', 'UNVERIFIED']);
    expect(late[1]?.reason).toMatch(/target did not apply the source's position/);
    await startReplica(pair.target, 'sql');
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
  });

  test('where neither the status may be read nor GTIDs tell, what matches matches, and no more is said', async () => {
    await using unnumbered = await startPair({ flavour, gtid: false });
    const schema = await createFreshSchema(unnumbered);
    await twoTables(schema);
    if (flavour === 'mariadb') {
      // It knows of no GTID, as one that was set up from a copy of the files.
      await stopReplica(unnumbered.target);
      await unnumbered.target.query(`SET GLOBAL gtid_slave_pos = ''`);
    }
    await revokeAll(unnumbered);
    const { engine } = startEngine({
      servers: { source: unnumbered.source, target: unnumbered.target },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      expect(engine.pair('pair')?.lag?.evidence).toMatch(/not visible with this account; /);
    }, patient);
    expect(engine.pair('pair')).toMatchObject({ state: 'unknown', lag: { lagMs: null } });
    const [other, same] = await checkOnce(schema);
    expect(other?.verdict).toBe('UNVERIFIED');
    expect(other?.reason).toMatch(/or still on the way: threads and filters of target: not visible/);
    expect(same?.verdict).toBe('MATCH');
  });

  test('a target that gets its data from elsewhere is not in sync by numbers alone', async () => {
    await using elsewhere = await startPair({ flavour });
    await elsewhere.source.query('CREATE DATABASE elsewhere');
    await revokeAll({ source: pair.source, target: elsewhere.target });
    const { engine } = startEngine({
      servers: { source: pair.source, target: elsewhere.target },
      pairs: [pairConfig(['elsewhere.*'], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      expect(engine.pair('pair')?.lag?.evidence).toMatch(/^lag unknown: (?!.*not read yet)/);
      expect(engine.pair('pair')?.state).toBe('unknown');
    }, patient);
  });
});
