import { type FreshSchema, pausingProxy } from '@lockstep/servers';
import { unhurriedMs } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import type { EngineConfig } from '../../src/config.ts';
import { verifyOnce, type VerifyOnceOptions } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import type { RepairText } from '../../src/verify/repair/repair-text.ts';
import { connection, pairConfig, serverConfig } from '../support/config.ts';
import { plant } from '../support/verify.ts';

async function different(): Promise<FreshSchema> {
  const schema = await freshSchema(flavours[0]!);
  for (const table of ['a', 'b']) {
    await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES (1), (2)`);
  }
  await plant(schema, `DELETE FROM ${schema.sql}.a WHERE id = 1`, `DELETE FROM ${schema.sql}.b WHERE id = 1`);
  return schema;
}

/** One run over it, the target reached by that port; resolves with the run and the repairs of its tables. */
async function check(
  schema: FreshSchema,
  targetPort: number,
  more: Partial<VerifyOnceOptions> = {},
  lag: EngineConfig['lag'] = { sampleIntervalMs: 100, statusIntervalMs: 500, timeoutMs: unhurriedMs },
) {
  const engine: EngineConfig = {
    servers: [serverConfig('source', schema.source), serverConfig('target', schema.target, targetPort)],
    pairs: [pairConfig([`${schema.name}.*`])],
    lag,
    connection: { ...connection, attempts: 1 },
    alerts: { forMs: 0, keepFiringForMs: 0, severities: {}, unverifiedForMs: 1 },
    storage: { file: ':memory:', rawLagMs: 1, minuteLagMs: 1, historyMs: 1 },
  };
  const repairs: Record<string, RepairText> = {};
  const run = await verifyOnce({
    engine,
    pair: engine.pairs[0]!,
    only: null,
    signal: new AbortController().signal,
    log: silent,
    onProgress: () => undefined,
    onResult: () => undefined,
    onRepair: ({ table }, repair) => (repairs[table] = repair),
    ...more,
  });
  return { run, repairs };
}

test('a server that is lost after the run leaves its verdicts, and says why there is no repair', async () => {
  const schema = await different();
  const proxy = await pausingProxy(schema.target.port);
  const { run, repairs } = await check(schema, proxy.port, {
    onProgress: ({ state }) => {
      if (state === 'finished') void proxy.close();
    },
  });
  expect([run.state, run.verdicts]).toEqual(['finished', { DIFFERENT: 2 }]);
  const none = { preamble: [], statements: [], notes: [expect.stringContaining('target') as string] };
  expect(repairs).toEqual({ a: none, b: none });
});

test('a repair that is given up leaves the run as it ended', async () => {
  const schema = await different();
  const stop = new AbortController();
  const { run, repairs } = await check(schema, schema.target.port, {
    signal: stop.signal,
    onProgress: ({ state }) => {
      if (state === 'finished') stop.abort(new Error('enough'));
    },
  });
  expect([run.state, run.verdicts, repairs]).toEqual(['finished', { DIFFERENT: 2 }, {}]);
});

test('a run does not wait for the next look at its servers to know how they replicate', async () => {
  const schema = await different();
  const never = 3_600_000;
  const { run } = await check(
    schema,
    schema.target.port,
    {},
    { sampleIntervalMs: never, statusIntervalMs: never, timeoutMs: unhurriedMs },
  );
  expect([run.state, run.verdicts]).toEqual(['finished', { DIFFERENT: 2 }]);
});
