import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  caughtUp,
  createFreshSchema,
  createMonitorUser,
  type FreshSchema,
  type OwnPair,
  replicate,
  startPair,
  startServer,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CheckConfig, PairConfig, ServerConfig, TableOverride } from '../../src/config.ts';
import { cutOffIn } from '../support/at-place-in.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { type RunningEngine, startEngine } from '../support/engine.ts';
import { forward } from '../support/forward.ts';

const hourly: CheckConfig['schedule'] = { everyMs: 3_600_000 };
const other: TableOverride = { match: '', ignoreColumns: [], maskColumns: [], method: null, where: null };

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  let second: TestServer;
  let schema: FreshSchema;
  let file: string;

  beforeAll(async () => {
    [pair, second] = await Promise.all([startPair({ flavour }), startServer({ flavour })]);
    await replicate(second, pair.source);
  });
  afterAll(async () => {
    await Promise.all([pair.remove(), second.remove()]);
  });

  /** `a` is quickly compared, `b` takes its time; on the second target both differ. */
  beforeEach(async () => {
    schema = await createFreshSchema(pair);
    for (const table of ['a', 'b']) {
      await pair.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
      const rows = Array.from({ length: 400 }, (_, i) => `(${i}, ${i})`);
      await pair.source.query(`INSERT INTO ${schema.sql}.${table} VALUES ${rows.join()}`);
    }
    await Promise.all([schema.caughtUp(), caughtUp(pair.source, second)]);
    await createMonitorUser(second, [schema.name]);
    await second.query('SET sql_log_bin = 0');
    for (const table of ['a', 'b']) {
      await second.query(`UPDATE ${schema.sql}.${table} SET v = -1 WHERE id = 7`);
    }
    await second.query('SET sql_log_bin = 1');
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    file = join(folder, 'lockstep.db');
  });

  function start(
    target: TestServer,
    tables: Partial<PairConfig['tables']> = {},
    reach: Partial<ServerConfig> = {},
    schedule = hourly,
    enabled = false,
  ) {
    const check = { enabled, schedule };
    return startEngine({
      servers: { source: pair.source, target },
      reach: { target: reach },
      pairs: [
        pairConfig([`${schema.name}.*`], {
          verify: { ...verifyConfig, maxChunkRows: 20, parallel: 1 },
          checks: {
            checksum: { ...check, method: 'rows' },
            consistency: { enabled: false, schedule, method: 'count' },
          },
          tables: {
            include: [`${schema.name}.*`],
            exclude: [],
            overrides: [{ ...other, match: '*.b', where: 'SLEEP(0.01) = 0' }],
            ...tables,
          },
        }),
      ],
      file,
    });
  }

  /** Starts a run and stops the program while it is at `b`; answers the run's id. */
  async function cutOff(running: RunningEngine): Promise<string> {
    return await cutOffIn(running, 'b', running.stop);
  }

  /** The run that comes next, ended. */
  async function next({ engine }: RunningEngine, than: string) {
    return vi.waitFor(() => {
      const run = engine.runs({}, { limit: 10 }).items.find(({ id }) => id !== than);
      expect(run?.state).toBe('finished');
      return run!;
    }, patient);
  }

  const alerts = ({ engine }: RunningEngine) =>
    engine.alerts({ states: ['firing'] }, { limit: 10 }).items.map(({ rule, evidence }) => [rule, evidence]);

  test('a run is begun anew when a server was exchanged meanwhile, and that is alerted over the restart', async () => {
    const cut = await cutOff(start(pair.target));
    const after = start(second);
    const run = await next(after, cut);
    expect(run.verdicts).toEqual({ DIFFERENT: 2 });
    expect(after.engine.run(cut)).toMatchObject({
      state: 'cancelled',
      evidence: expect.stringMatching(
        /begun anew: it was compared with another server: the target is/,
      ) as string,
    });
  });

  test('what was compared with another server is not shown as today’s, before any run has looked again', async () => {
    const before = start(pair.target, {}, {}, hourly, true);
    await vi.waitFor(() => expect(before.engine.pair('pair')?.tables.match).toBe(2), patient);
    await before.stop();
    const after = start(second, {}, {}, hourly, true);
    await vi.waitFor(() => expect(after.engine.pair('pair')?.tables.unverified).toBe(2), patient);
    expect(after.engine.tables('pair').map(({ checksum }) => checksum?.reason)).toEqual([
      expect.stringMatching(
        /to be verified again, it was compared with another server: the target is .+, it was/,
      ),
      expect.stringMatching(/400 rows compared, all the same/),
    ]);
    await vi.waitFor(() => {
      expect(alerts(after)).toContainEqual([
        'server-replaced',
        expect.stringMatching(/the server_(uu)?id of target .+ it was .+ before/),
      ]);
    }, patient);
    await after.stop();

    // It is still to be verified anew when the program is started once more.
    const again = start(second, {}, {}, hourly, true);
    await vi.waitFor(() => expect(alerts(again).map(([rule]) => rule)).toContain('server-replaced'), patient);
    again.engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(again.engine.pair('pair')?.tables.different).toBe(2), patient);
    await vi.waitFor(() => {
      expect(alerts(again).map(([rule]) => rule)).toEqual(['table-different', 'table-different']);
    }, patient);
  });

  test('a run is begun anew when what it compares was changed in the configuration, and so is a result', async () => {
    const cut = await cutOff(start(pair.target));
    const override = { ...other, match: '*.a', where: 'id < 100' };
    const after = start(pair.target, { overrides: [override] });
    await vi.waitFor(() => {
      expect(after.engine.tables('pair')[0]?.checksum).toMatchObject({
        table: 'a',
        verdict: expect.stringMatching(/UNVERIFIED|MATCH/) as string,
      });
    }, patient);
    const run = await next(after, cut);
    expect([run.verdicts, run.progress.rowsDone]).toEqual([{ MATCH: 2 }, 500]);
    expect(after.engine.run(cut)?.evidence).toMatch(/begun anew: it was compared under other settings/);
  });

  test('a run that was cut off for longer than its check waits is begun anew', async () => {
    const cut = await cutOff(start(pair.target));
    const after = start(pair.target, {}, {}, { everyMs: 1 });
    await next(after, cut);
    expect(after.engine.run(cut)?.evidence).toMatch(/begun anew: it was cut off at .+ due again since/);
  });

  test('a run in which a server is exchanged is void, and so is what it had found', async () => {
    let now = pair.target;
    const address = await forward(() => now.port);
    const { engine, storage } = start(
      pair.target,
      {},
      { port: address.port, password: () => Promise.resolve(now.monitor.password) },
    );
    const id = await cutOffIn({ engine, storage }, 'b', () => {
      now = second;
      address.cut();
    });
    await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
    expect(engine.run(id)).toMatchObject({
      state: 'failed',
      evidence: expect.stringMatching(
        /a server was exchanged for another during the run, which is void/,
      ) as string,
    });
    expect(engine.tables('pair').map(({ checksum }) => checksum?.verdict)).toEqual([
      'UNVERIFIED',
      'UNVERIFIED',
    ]);
  });

  test('what another server held is told to nobody: no subscriber, no list of rows, no repair', async () => {
    let now = second;
    const address = await forward(() => now.port);
    const { engine, events } = start(
      second,
      {},
      { port: address.port, password: () => Promise.resolve(now.monitor.password) },
    );
    const exchangeFor = (server: TestServer) => {
      now = server;
      address.cut();
    };
    const a = ['pair', 'checksum', schema.name, 'a'] as const;
    const rows = () => engine.differences(...a, { limit: 10 }).total;
    const told = () =>
      events
        .flatMap((event) => (event.type === 'table' && event.data.table === 'a' ? [event.data] : []))
        .at(-1);
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.pair('pair')?.tables.different).toBe(2), patient);
    expect(rows()).toBe(1);
    expect((await engine.repair(...a)).statements).not.toEqual([]);
    expect(engine.verdictSince(...a)?.since).toEqual(told()?.finishedAt);

    exchangeFor(pair.target);
    await vi.waitFor(() => expect(told()?.verdict).toBe('UNVERIFIED'), patient);
    expect(told()).toEqual(engine.table('pair', schema.name, 'a')?.checksum);
    expect([rows(), engine.verdictSince(...a)]).toEqual([0, null]);
    await expect(engine.repair(...a)).rejects.toThrow(/to be verified again, it was compared with another/);
    expect(engine.tableHistory(...a, { limit: 10 }).items).toMatchObject([{ verdict: 'DIFFERENT' }]);

    exchangeFor(second);
    await vi.waitFor(() => expect(told()?.verdict).toBe('DIFFERENT'), patient);
    expect(rows()).toBe(1);
  });

  test('tables that were dropped, or are not selected any more, do not come back with a restart', async () => {
    const { engine, stop } = start(pair.target);
    const run = async () => {
      const { id } = engine.startRun('pair', 'checksum', null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.state).toBe('finished'), patient);
    };
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    await pair.source.query(`CREATE TABLE ${schema.sql}.gone (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    await run();
    expect(engine.tables('pair').map(({ table }) => table)).toEqual(['a', 'b', 'gone']);
    await pair.source.query(`DROP TABLE ${schema.sql}.gone`);
    await schema.caughtUp();
    await run();
    await stop();
    const tables = (running: RunningEngine) => running.engine.tables('pair').map(({ table }) => table);
    const after = start(pair.target);
    expect(tables(after)).toEqual(['a', 'b']);
    await after.stop();
    const narrowed = start(pair.target, { exclude: [`${schema.name}.b`] });
    expect(tables(narrowed)).toEqual(['a']);
    await narrowed.stop();
    expect(tables(start(pair.target))).toEqual(['a']);
  });
});
