import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFreshSchema, type FreshSchema, startPair, startReplica, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { EngineEvent } from '../../src/model/event.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { engineOver, startEngine } from '../support/engine.ts';
import { plant } from '../support/verify.ts';

async function shop(schema: FreshSchema): Promise<string> {
  const t = `${schema.sql}.orders`;
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, status VARCHAR(10))`);
  await schema.source.query(`INSERT INTO ${t} VALUES (1, 'new'), (2, 'new'), (3, 'new')`);
  await schema.caughtUp();
  return t;
}

describe.each(flavours)('on %s', (flavour) => {
  test('from its start it measures lag, verifies every table, and tells of both', async () => {
    const schema = await freshSchema(flavour);
    const t = await shop(schema);
    await plant(schema, `UPDATE ${t} SET status = 'bad' WHERE id = 2`);
    const { engine, events } = engineOver(schema);
    await vi.waitFor(
      () => expect(engine.pair('pair')).toMatchObject({ state: 'in-sync', lag: { lagMs: 0 } }),
      patient,
    );
    await vi.waitFor(
      () => expect(engine.pair('pair')?.tables).toMatchObject({ total: 1, different: 1 }),
      patient,
    );
    const { items } = engine.differences('pair', 'checksum', schema.name, 'orders', { limit: 10 });
    expect(items).toMatchObject([{ kind: 'changed', key: { id: '2' }, columns: ['status'] }]);
    await vi.waitFor(() => {
      const firing = engine.alerts({ states: ['firing'] }, { limit: 10 }).items;
      expect(firing).toMatchObject([
        { rule: 'table-different', severity: 'CRITICAL', table: `${schema.name}.orders` },
      ]);
    }, patient);
    const types = new Set(events.map(({ type }) => type));
    for (const type of [
      'lag',
      'pair',
      'run',
      'server',
      'table',
      'alert',
      'replication',
    ] satisfies EngineEvent['type'][]) {
      expect(types).toContain(type);
    }
  });

  test('a repaired table is said to match after the next run, and its alert is resolved', async () => {
    const schema = await freshSchema(flavour);
    const t = await shop(schema);
    await plant(schema, `DELETE FROM ${t} WHERE id = 3`);
    const { engine } = engineOver(schema);
    await vi.waitFor(
      () => expect(engine.alerts({ states: ['firing'] }, { limit: 9 }).items).toHaveLength(1),
      patient,
    );
    await plant(schema, `INSERT INTO ${t} VALUES (3, 'new')`);
    await vi.waitFor(() => expect(engine.activeRuns()).toEqual([]), patient);
    const run = engine.startRun('pair', 'checksum', [`${schema.name}.orders`], 'me');
    await vi.waitFor(
      () => expect(engine.run(run.id)).toMatchObject({ state: 'finished', verdicts: { MATCH: 1 } }),
      patient,
    );
    engine.startRun('pair', 'consistency', null, 'me');
    await vi.waitFor(
      () => expect(engine.alerts({ states: ['firing'] }, { limit: 9 }).items).toEqual([]),
      patient,
    );
    expect(engine.pair('pair')?.tables).toMatchObject({ total: 1, match: 1 });
  });

  test('a stopped applier and a killed source are seen in state, alerts and events, and heal by themselves', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = await shop(schema);
    const { engine } = engineOver(schema, { lag: { warningMs: 500, criticalMs: 60_000, forMs: 100 } });
    const state = () => engine.pair('pair')?.state;
    const firing = () => engine.alerts({ states: ['firing'] }, { limit: 50 }).items.map(({ rule }) => rule);
    await vi.waitFor(() => expect(state()).toBe('in-sync'), patient);
    // What a run could not tell meanwhile would stay so until the next one, in an hour.
    const runs = () => engine.runs({ pair: 'pair' }, { limit: 9 }).items.map(({ state: its }) => its);
    await vi.waitFor(() => expect(runs()).toEqual(['finished', 'finished']), patient);

    await stopReplica(pair.target, 'sql');
    await schema.source.query(`UPDATE ${t} SET status = 'paid' WHERE id = 1`);
    await vi.waitFor(() => expect(state()).toBe('stopped'), patient);
    await vi.waitFor(
      () => expect(firing()).toEqual(expect.arrayContaining(['replication-stopped', 'lag'])),
      patient,
    );
    expect(engine.pair('pair')?.lag?.lagMs).toBeGreaterThan(0);
    await startReplica(pair.target);
    await vi.waitFor(() => expect(state()).toBe('in-sync'), patient);
    await vi.waitFor(() => expect(firing()).toEqual([]), patient);

    await pair.source.kill9();
    await vi.waitFor(() => expect(engine.pair('pair')?.lag?.lagMs).toBeNull(), patient);
    await vi.waitFor(() => expect(firing()).toContain('connection-lost'), patient);
    await pair.source.start();
    await startReplica(pair.target);
    await vi.waitFor(() => expect(state()).toBe('in-sync'), patient);
    await vi.waitFor(() => expect(firing()).toEqual([]), patient);
    const states = engine
      .events('pair', { from: new Date(0), to: new Date() })
      .flatMap((event) => event.state ?? []);
    expect(states).toEqual(expect.arrayContaining(['in-sync', 'stopped', 'unknown']));
  });
});

test('a paused pair starts no runs, holds those under way, and stays paused after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const schema = await freshSchema('mariadb');
  await shop(schema);
  const setup = {
    servers: { source: schema.source, target: schema.target },
    pairs: [pairConfig([`${schema.name}.*`])],
    file: join(folder, 'lockstep.db'),
  };
  const first = startEngine(setup);
  await vi.waitFor(() => expect(first.engine.pair('pair')?.tables.match).toBe(1), patient);
  first.engine.pausePair('pair', 'me');
  expect(() => first.engine.startRun('pair', 'checksum', null, 'me')).toThrow(/paused/);
  await first.stop();

  const second = startEngine(setup);
  expect(second.engine.pair('pair')).toMatchObject({ paused: true, tables: { total: 1, match: 1 } });
  second.engine.resumePair('pair', 'me');
  const run = second.engine.startRun('pair', 'checksum', null, 'me');
  await vi.waitFor(() => expect(second.engine.run(run.id)?.state).toBe('finished'), patient);
});

test('a server that is down at start does not keep the others from being watched, and is found when it comes', async () => {
  await using pair = await startPair({ flavour: 'mariadb' });
  const schema = await createFreshSchema(pair);
  await shop(schema);
  await pair.target.stop();
  const { engine } = engineOver(schema);
  await vi.waitFor(() => {
    const connections = Object.fromEntries(
      engine.servers().map(({ name, connection }) => [name, connection]),
    );
    expect(connections).toEqual({ source: 'connected', target: 'disconnected' });
  }, patient);
  expect(engine.pair('pair')?.state).toBe('unknown');
  await pair.target.start();
  await startReplica(pair.target);
  await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
  await vi.waitFor(() => expect(engine.pair('pair')?.tables.match).toBe(1), patient);
});

test('stopping in the middle of a long statement ends it on the servers, and is quick', async () => {
  const schema = await freshSchema('mariadb');
  await shop(schema);
  const slow = { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: 'SLEEP(30) = 0' };
  const { engine, stop } = engineOver(schema, {
    tables: { include: [`${schema.name}.*`], exclude: [], overrides: [slow] },
    verify: { ...verifyConfig, chunkTimeMs: 60_000 },
  });
  const sleeping = async () => {
    const rows = await schema.source.query(
      `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(30)%' AND INFO LIKE '%${schema.name}%' AND USER = 'lockstep'`,
    );
    return rows.length;
  };
  await vi.waitFor(async () => expect(await sleeping()).toBeGreaterThan(0), patient);
  expect(engine.activeRuns().length).toBeGreaterThan(0);
  await stop();
  await vi.waitFor(async () => expect(await sleeping()).toBe(0), patient);
});
