import { caughtUp, createMonitorUser, type Pair, startPair } from '@lockstep/servers';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import { isOfProvider } from '../../src/verify/table/not-the-users.ts';
import { pairConfig } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';
import { facts } from '../support/replication.ts';

describe.each(flavours)('on %s', (flavour) => {
  const check = async (schema: Pair, include: string[]) => {
    const tables: string[] = [];
    const pair = pairConfig(include);
    const run = await verifyOnce({
      engine: engineConfig({ servers: { source: schema.source, target: schema.target }, pairs: [pair] }),
      pair,
      only: null,
      signal: new AbortController().signal,
      log: silent,
      onProgress: () => undefined,
      onResult: ({ table, verdict }) => tables.push(`${table} ${verdict}`),
    });
    return { tables: tables.sort(), evidence: run.evidence };
  };

  test('what a migration service writes down on the target is left alone, and said to be', async () => {
    const schema = await freshSchema(flavour);
    const { name, sql } = schema;
    for (const table of ['t', 'awsdms_mine']) {
      await schema.source.query(`CREATE TABLE ${sql}.${table} (id INT PRIMARY KEY)`);
    }
    await schema.caughtUp();
    await schema.target.query('SET sql_log_bin = 0');
    await schema.target.query(`CREATE TABLE ${sql}.awsdms_apply_exceptions (id INT PRIMARY KEY)`);
    await schema.target.query('SET sql_log_bin = 1');
    // What the source has as well is a table like any other.
    const { tables, evidence } = await check(schema, [`${name}.*`]);
    expect(tables).toEqual(['awsdms_mine MATCH', 't MATCH']);
    expect(evidence).toContain(`that no pattern names: ${name}.awsdms_apply_exceptions`);
    // Unless a pattern names it.
    const named = await check(schema, [`${name}.awsdms_*`]);
    expect(named.tables).toEqual(['awsdms_apply_exceptions MISSING', 'awsdms_mine MATCH']);
    expect(named.evidence).not.toContain('left alone');
  });

  test('schemas of tools and providers are left alone where a pattern only means all', async () => {
    await using pair = await startPair({ flavour });
    for (const name of ['_vt', 'shop', 'tmp']) {
      await pair.source.query(`CREATE DATABASE ${name}`);
      await pair.source.query(`CREATE TABLE ${name}.of${name} (id INT PRIMARY KEY)`);
    }
    await caughtUp(pair.source, pair.target);
    for (const server of [pair.source, pair.target]) await createMonitorUser(server, ['_vt', 'shop', 'tmp']);
    const { tables, evidence } = await check(pair, ['*.*']);
    expect(tables).toEqual(['ofshop MATCH', 'oftmp MATCH']);
    expect(evidence).toContain('that no pattern names: _vt.*');
    expect((await check(pair, ['_vt.*', 'shop.*'])).tables).toEqual(['of_vt MATCH', 'ofshop MATCH']);
  });
});

test('a name that a user may well have is a provider’s on that provider alone', () => {
  const on = (datadir: string) => [{ facts: facts('mysql', { instance: { datadir } }) }];
  expect(isOfProvider('tmp', on('/var/lib/mysql/'))).toBe(false);
  expect(isOfProvider('tmp', on('/rdsdbdata/db/'))).toBe(true);
  expect(isOfProvider('shop', on('/rdsdbdata/db/'))).toBe(false);
});
