import type { FreshSchema } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { engineConfig, type RunningEngine, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

async function mayRead(schema: FreshSchema, may: boolean): Promise<void> {
  for (const server of [schema.source, schema.target]) {
    const what = `SELECT ON \`${schema.name.replaceAll('_', '\\_')}\`.*`;
    const account = `'${server.monitor.user}'@'127.0.0.1'`;
    await server.query('SET sql_log_bin = 0');
    await server.query(may ? `GRANT ${what} TO ${account}` : `REVOKE ${what} FROM ${account}`);
    await server.query('SET sql_log_bin = 1');
  }
}

async function runOnce({ engine }: RunningEngine) {
  const { id } = engine.startRun('pair', 'checksum', null, 'me');
  return vi.waitFor(() => {
    const run = engine.run(id);
    expect(run?.finishedAt).toBeTruthy();
    return run!;
  }, patient);
}

function firing({ engine }: RunningEngine) {
  return engine
    .alerts({ states: ['firing'] }, { limit: 10 })
    .items.map(({ rule, table, noData }) => ({ rule, table, noData }));
}

describe.each(flavours)('on %s', (flavour) => {
  test('a table that may not be seen any more is not forgotten, nor is what was alerted of it', async () => {
    const schema = await freshSchema(flavour);
    for (const table of ['a', 'b']) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY)`);
    }
    await plant(schema, `INSERT INTO ${schema.sql}.a VALUES (1)`);
    const running = startEngine({
      servers: { source: schema.source, target: schema.target },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    const { engine } = running;
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    expect((await runOnce(running)).verdicts).toEqual({ DIFFERENT: 1, MATCH: 1 });
    const alert = { rule: 'table-different', table: `${schema.name}.a` };
    await vi.waitFor(() => expect(firing(running)).toEqual([{ ...alert, noData: false }]), patient);

    await mayRead(schema, false);
    const blind = await runOnce(running);
    expect(blind.verdicts).toEqual({ UNVERIFIED: 2 });
    for (const { checksum } of engine.tables('pair')) {
      expect(checksum?.reason).toMatch(/^no privilege: .+ GRANT SELECT ON `.+`\.\* on (source|target)/);
    }
    expect(engine.pair('pair')?.tables).toMatchObject({ total: 2, unverified: 2 });
    await vi.waitFor(() => expect(firing(running)).toEqual([{ ...alert, noData: true }]), patient);

    // Gone by the word of both servers, it is forgotten.
    await mayRead(schema, true);
    await schema.source.query(`DROP TABLE ${schema.sql}.a`);
    await schema.caughtUp();
    expect((await runOnce(running)).verdicts).toEqual({ MATCH: 1 });
    expect(engine.tables('pair').map(({ table }) => table)).toEqual(['b']);
    await vi.waitFor(() => expect(firing(running)).toEqual([]), patient);
  });

  test('a pair of which the account sees no table from the start was never verified', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    await mayRead(schema, false);
    const setup = {
      servers: { source: schema.source, target: schema.target },
      pairs: [pairConfig([`${schema.name}.*`])],
    };
    const { alerts } = engineConfig(setup);
    const { engine } = startEngine({ ...setup, config: { alerts: { ...alerts, unverifiedForMs: 0 } } });
    await vi.waitFor(() => {
      expect(engine.runs({}, { limit: 5 }).items.filter(({ state }) => state === 'finished')).toHaveLength(2);
      expect(engine.alerts({ states: ['firing'] }, { limit: 5 }).items).toMatchObject([
        {
          rule: 'table-unverified',
          summary: 'Pair was never verified',
          evidence: expect.stringMatching(/was ever verified: UNVERIFIED, no table to compare/) as string,
        },
      ]);
    }, patient);
  });
});
