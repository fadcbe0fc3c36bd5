import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CheckConfig } from '../../src/config.ts';
import { atPlaceIn } from '../support/at-place-in.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { type EngineSetup, type RunningEngine, startEngine } from '../support/engine.ts';
import { plant } from '../support/verify.ts';

const rows = 3000;
/** Not in the first chunk, after which a run keeps its place, however long a difference waits for a busy replica. */
const planted = [150, rows - 3];
const hourly = { everyMs: 3_600_000 };
const nightly: CheckConfig = {
  enabled: true,
  schedule: hourly,
  method: 'rows',
  window: { from: 120, to: 300, timeZone: 'UTC' },
};

const on = (day: number, time: string) => new Date(`2026-01-0${day}T${time}Z`);

afterEach(() => void vi.useRealTimers());

/** A pair with one table; every row takes its time, so that a window can end in the middle. */
async function slowPair(): Promise<EngineSetup> {
  const schema = await freshSchema(flavours[0]!);
  await schema.source.query(`CREATE TABLE ${schema.sql}.a (id INT PRIMARY KEY, v INT)`);
  const limit = schema.source.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  await schema.source.query(`SET SESSION ${limit} = 100000`);
  await schema.source.query(
    `INSERT INTO ${schema.sql}.a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, i FROM n`,
  );
  await plant(schema, `UPDATE ${schema.sql}.a SET v = -1 WHERE id IN (${planted.join(', ')})`);
  const override = { match: '*.a', ignoreColumns: [], maskColumns: [], method: null };
  const tables = {
    include: [`${schema.name}.*`],
    exclude: [],
    overrides: [{ ...override, where: 'SLEEP(0.001) = 0' }],
  };
  const checks = {
    checksum: nightly,
    consistency: { enabled: false, schedule: hourly, method: 'count' as const },
  };
  const verify = { ...verifyConfig, maxChunkRows: 100 };
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return {
    servers: { source: schema.source, target: schema.target },
    pairs: [pairConfig([], { tables, checks, verify })],
    file: join(folder, 'lockstep.db'),
  };
}

/** An engine whose run was in the middle of the table when the window closed. */
async function cutOff(setup: EngineSetup): Promise<RunningEngine & { id: string }> {
  // Timers stay real: servers are.
  vi.useFakeTimers({ toFake: ['Date'], now: on(2, '02:10:00') });
  const running = startEngine(setup);
  const { engine, storage } = running;
  const id = await atPlaceIn(storage, 'a', (run) => {
    vi.setSystemTime(on(2, '05:00:00'));
    return run;
  });
  await vi.waitFor(() => expect(engine.activeRuns('pair')).toMatchObject([{ id, state: 'paused' }]), patient);
  return { ...running, id };
}

const waiting = {
  state: 'paused',
  evidence: 'paused: outside of its window 02:00–05:00 UTC, goes on at 2026-01-03 02:00:00 UTC',
  finishedAt: null,
};
const found = (engine: RunningEngine['engine'], schema: string) =>
  engine
    .differences('pair', 'checksum', schema, 'a', { limit: 10 })
    .items.map(({ key }) => Number(key['id']));

describe('a run by the schedule that is not done at the end of its window', () => {
  test('goes on in the next one, after a restart as well, from its last finished chunk', async () => {
    const setup = await slowPair();
    const first = await cutOff(setup);
    const { id } = first;
    expect(first.engine.activeRuns('pair')).toMatchObject([waiting]);
    expect(first.engine.schedules()[0]).toMatchObject({
      nextRun: on(3, '02:00:00'),
      window: { hours: '02:00–05:00 UTC', open: false, turnsAt: on(3, '02:00:00') },
    });
    await first.stop();

    vi.setSystemTime(on(2, '12:00:00'));
    const { engine } = startEngine(setup);
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    expect(engine.run(id)).toMatchObject({ id, ...waiting });

    vi.setSystemTime(on(3, '02:00:00'));
    await vi.waitFor(() => expect(engine.run(id)?.state).toBe('finished'), patient);
    const [schema] = setup.pairs[0]!.tables.include[0]!.split('.');
    expect(found(engine, schema!)).toEqual(planted);
    const result = engine.table('pair', schema!, 'a')?.checksum;
    expect(result).toMatchObject({ rowsCompared: rows });
    expect(result?.startedAt.getTime()).toBeLessThan(on(2, '05:00:00').getTime());
  });

  test('ends for good when somebody cancels it, and then the check is due in the next window', async () => {
    const { engine, id } = await cutOff(await slowPair());
    expect(engine.cancelRun(id, 'me')).toMatchObject({ state: 'cancelled', evidence: 'cancelled by me' });
    expect(engine.activeRuns('pair')).toEqual([]);
    expect(engine.run(id)?.state).toBe('cancelled');
    expect(engine.schedules()[0]?.nextRun).toEqual(on(3, '02:00:00'));
  });

  test('goes on at any time when somebody says so', async () => {
    const { engine, id } = await cutOff(await slowPair());
    expect(engine.resumeRun(id, 'me')).toMatchObject({ id, finishedAt: null });
    await vi.waitFor(() => expect(engine.run(id)?.state).toBe('finished'), patient);
  });

  test('is closed when somebody has the whole pair checked meanwhile', async () => {
    const { engine, events, id } = await cutOff(await slowPair());
    const other = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(other.id)?.state).toBe('finished'), patient);
    const closed = { id, state: 'cancelled', evidence: 'not gone on with: the whole pair was checked since' };
    expect(engine.run(id)).toMatchObject(closed);
    expect(events.filter(({ type }) => type === 'run').at(-1)?.data).toMatchObject(closed);
    expect(engine.activeRuns('pair')).toEqual([]);
  });
});
