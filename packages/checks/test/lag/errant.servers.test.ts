import { createFreshSchema, startPair, startReplica, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { watchLag } from '../support/lag-watch.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('what a known writer wrote on the target is said apart, and alerts nobody', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const variable = flavour === 'mysql' ? 'server_uuid' : 'server_id';
    const [row] = await pair.target.query(`SELECT @@global.${variable} AS origin`);
    const origin = String(row?.['origin']);
    const of = (name: string, ignore: string[]) =>
      pairConfig([`${schema.name}.*`], { name, checks: noChecks, errant: { ignore } });
    const { engine } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [of('meant', [origin]), of('unmeant', ['8a94f357-aab4-11df-86ab-c80aa9429562', '77'])],
    });
    await pair.target.query(`CREATE TABLE ${schema.sql}.own (id INT PRIMARY KEY)`);
    const status = (name: string) => engine.pair(name)?.replication;
    await vi.waitFor(() => {
      expect(status('meant')).toMatchObject({ errant: '', errantCount: 0 });
      expect(status('meant')?.errantKnown).toContain(origin);
      expect(status('unmeant')?.errant).toContain(origin);
      expect(status('unmeant')?.errantKnown).toBe('');
    }, patient);
    await vi.waitFor(() => {
      const firing = engine.alerts({ states: ['firing'] }, { limit: 10 }).items;
      expect(firing.map(({ rule, pair }) => [rule, pair])).toEqual([['errant-transactions', 'unmeant']]);
    }, patient);
  });
});

test('what a target on MySQL gave GTIDs to, because its source has none, is not said to be its own', async () => {
  await using source = await startServer({
    flavour: 'mysql',
    options: ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'],
  });
  await using target = await startServer({ flavour: 'mysql' });
  const { user, password } = source.replication;
  await target.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${source.port}, SOURCE_USER = '${user}',
     SOURCE_PASSWORD = '${password}', GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 86400,
     ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS = LOCAL`,
  );
  await startReplica(target);
  await source.query('CREATE DATABASE d');
  await vi.waitFor(
    async () => expect(await target.query(`SHOW DATABASES LIKE 'd'`)).toHaveLength(1),
    patient,
  );
  await using watch = watchLag({ source, target });
  await vi.waitFor(() => expect(watch.sample()).toMatchObject({ lagMs: 0, method: 'file' }), patient);
  const readings = new Set<Date>();
  await vi.waitFor(() => {
    readings.add(watch.status().at);
    expect(readings.size).toBeGreaterThan(5);
    expect(watch.status().errant).toBeNull();
  }, patient);
});
