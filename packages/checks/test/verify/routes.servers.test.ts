import { setTimeout as delay } from 'node:timers/promises';
import {
  createFreshSchema,
  forgetSource,
  type FreshSchema,
  startPair,
  startReplica,
  stopReplica,
} from '@lockstep/servers';
import { inVainMs } from '@lockstep/servers/patience';
import { flavours, freshSchema, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import type { VerifyConfig } from '../../src/config.ts';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import type { Run } from '../../src/model/run.ts';
import type { TableResult } from '../../src/model/verdict.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';
import { plant } from '../support/verify.ts';

/** One run as `lockstep check` makes it: the way from source to target is found out, not given. */
async function checkAll(
  schema: FreshSchema,
  verify: Partial<VerifyConfig>,
  { maxLagMs = null, onProgress }: { maxLagMs?: number | null; onProgress?: (run: Run) => unknown } = {},
): Promise<TableResult[]> {
  const pair = pairConfig([`${schema.name}.*`], {
    verify: { ...verifyConfig, settleMs: 400, maxChunkRows: 500, ...verify },
    throttle: { maxLagMs, maxThreadsRunning: null, maxFlowControl: null },
  });
  // Every row takes its time, so that what is done in mid-run is done before the end of it.
  const where = 'SLEEP(0.001) = 0';
  if (onProgress) {
    pair.tables.overrides.push({ match: '*', ignoreColumns: [], maskColumns: [], method: null, where });
  }
  const results: TableResult[] = [];
  await verifyOnce({
    engine: engineConfig({ servers: { source: schema.source, target: schema.target }, pairs: [pair] }),
    pair,
    only: null,
    signal: new AbortController().signal,
    log: silent,
    onProgress: (run) => onProgress?.(run),
    onResult: (result) => results.push(result),
  });
  return results;
}

async function check(
  schema: FreshSchema,
  verify: Partial<VerifyConfig> = {},
  onProgress?: () => unknown,
): Promise<TableResult> {
  const [result] = await checkAll(schema, verify, onProgress ? { onProgress } : {});
  if (!result) throw new Error('no table was looked at');
  return result;
}

const rows = 2000;

function statements(schema: FreshSchema): { create: string[]; write: (i: number) => string } {
  const t = `${schema.sql}.t`;
  const values = Array.from({ length: rows }, (_, i) => `(${i + 1}, 0, 'new')`);
  return {
    create: [
      `CREATE TABLE ${t} (id INT PRIMARY KEY, v INT NOT NULL, status VARCHAR(10) NOT NULL)`,
      `INSERT INTO ${t} VALUES ${values.join(', ')}`,
    ],
    // Some rows again and again, one toggled, most now and then, rows that come and go.
    write: (i) =>
      [
        `UPDATE ${t} SET v = v + 1 WHERE id = ${1 + (i % 2)}`,
        `UPDATE ${t} SET status = '${i % 2 ? 'a' : 'b'}' WHERE id = 100`,
        `UPDATE ${t} SET v = v + 1 WHERE id = ${200 + ((i * 7919) % 1500)}`,
        i % 8 < 4 ? `REPLACE INTO ${t} VALUES (${5000 + i}, ${i}, 'x')` : `DELETE FROM ${t} WHERE id > 5000`,
      ][i % 4] as string,
  };
}

const drift = (t: string) => [
  `UPDATE ${t} SET status = 'wrong' WHERE id IN (1900, 1901)`,
  `DELETE FROM ${t} WHERE id = 1950`,
  `INSERT INTO ${t} VALUES (-7, 0, 'new')`,
];
const named = ['surplus -7', 'changed 1900', 'changed 1901', 'missing 1950'];
const shown = ({ rows: found }: TableResult) => found.map(({ kind, key }) => `${kind} ${key['id']}`);

/** Writes until stopped, on the source; `copy` gets each statement afterwards. */
function writing(
  schema: FreshSchema,
  copy: (statement: string) => Promise<unknown> = () => Promise.resolve(),
): () => Promise<void> {
  const { write } = statements(schema);
  let stopped = false;
  const done = (async () => {
    const connection = await schema.source.connect();
    for (let i = 0; !stopped; i++) {
      await connection.query(write(i));
      await copy(write(i));
    }
    await connection.end();
  })();
  return () => {
    stopped = true;
    return done;
  };
}

function nothingFalse(result: TableResult): void {
  expect(result.differences, `${result.reason} ${JSON.stringify(result.rows)}`).toEqual({
    missing: 0,
    surplus: 0,
    changed: 0,
  });
  // A row that is always being written may stay unknown; then that, and only that, is said.
  if (result.verdict !== 'MATCH') {
    expect(result).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringMatching(/^\d+ rows? (is|are) written too often to be compared$/) as string,
    });
  }
}

/** One pair for all that replicate by GTID; every test but the last leaves it as it was. */
describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({ flavour });

  test('where replication stops in mid-run, a run waits for it, and calls what it could not decide unverified, with the reason', async () => {
    const schema = await freshSchema(pair);
    for (const statement of statements(schema).create) await schema.source.query(statement);
    await schema.caughtUp();
    let stopping = Promise.resolve();
    /** Once a run. */
    const stop = (then: () => Promise<unknown>) => {
      let begun = false;
      return () => {
        if (begun) return;
        begun = true;
        stopping = stopReplica(pair.target, 'sql').then(async () => {
          await schema.source.query(`UPDATE ${schema.sql}.t SET v = v + 1 WHERE id IN (1, 2000)`);
          await then();
        });
      };
    };
    const stopped = await check(
      schema,
      { waitMs: inVainMs },
      stop(() => Promise.resolve()),
    );
    await stopping;
    expect(stopped.verdict).toBe('UNVERIFIED');
    expect(stopped.reason).toMatch(
      /^target did not apply the source's position \S+ within \d+ s: the applier is stopped/,
    );

    await startReplica(pair.target, 'sql');
    await schema.caughtUp();
    const waited = await check(
      schema,
      {},
      stop(async () => {
        await delay(1000);
        await startReplica(pair.target, 'sql');
      }),
    );
    await stopping;
    expect(waited.verdict, waited.reason).toBe('MATCH');
  });

  test('a run that is held back by the lag of a stopped replica says that it is stopped, and goes on by itself when it is no more', async () => {
    const schema = await freshSchema(pair);
    const tables = [...'abcdef'];
    for (const table of tables) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
      await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES (1, 1)`);
    }
    await schema.caughtUp();
    await stopReplica(pair.target, 'sql');
    for (const table of tables) await schema.source.query(`UPDATE ${schema.sql}.${table} SET v = 2`);
    // The first tables are begun before it is known how far behind the target is.
    const results = await checkAll(schema, { waitMs: 8 * inVainMs, parallel: 1 }, { maxLagMs: inVainMs });
    expect(results.find(({ table }) => table === 'f')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringMatching(
        /^held back for .+: lag \S+ s ≥ 0\.5 s: the applier is stopped/,
      ) as string,
    });

    const said: string[] = [];
    let starting: Promise<unknown> | undefined;
    const onProgress = ({ state, evidence, heldBy }: Run) => {
      if (state !== 'paused') return;
      said.push(`${evidence}, by ${heldBy}`);
      starting ??= startReplica(pair.target, 'sql');
    };
    const verdicts = await checkAll(schema, { parallel: 1 }, { maxLagMs: inVainMs, onProgress });
    await starting;
    expect(said[0]).toMatch(/^paused: lag \S+ s ≥ 0\.5 s: the applier is stopped.*, by throttle$/);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(tables.map(() => 'MATCH'));
  });

  test('a replica without GTID is verified by binlog file and offset: under writes nothing is called different but what was planted, and a new binlog file does not stop it', async () => {
    await using unnumbered = await startPair({ flavour, gtid: false });
    const schema = await createFreshSchema(unnumbered);
    for (const statement of statements(schema).create) await schema.source.query(statement);
    await schema.caughtUp();
    let stop = writing(schema);
    nothingFalse(await check(schema));
    await stop();
    await schema.caughtUp();

    const matched = await check(schema);
    expect(matched.verdict, matched.reason).toBe('MATCH');
    expect(matched.position).toMatch(/^binlog\.\d+:\d+$/);

    await plant(schema, ...drift(`${schema.sql}.t`));
    stop = writing(schema);
    const busy = await check(schema);
    await stop();
    expect(shown(busy), busy.reason).toEqual(named);
    expect(busy.rows[0]?.rounds.map(({ position }) => position)).toEqual([
      expect.stringMatching(/^binlog\.\d+:\d+$/),
      expect.stringMatching(/^binlog\.\d+:\d+$/),
      expect.stringMatching(/^binlog\.\d+:\d+$/),
    ]);

    // Nothing is written after it: the replica must still be seen to have reached the new file.
    await schema.source.query('FLUSH BINARY LOGS');
    const rotated = await check(schema);
    expect(shown(rotated), rotated.reason).toEqual(named);
    expect(rotated.verdict).toBe('DIFFERENT');
  });

  test('a target that does not replicate is verified by what stays the same: under writes that are copied a little later nothing is called different but what was planted', async () => {
    const schema = await freshSchema(pair);
    await forgetSource(pair.target);
    const { create } = statements(schema);
    for (const server of [schema.source, schema.target]) {
      for (const statement of create) await server.query(statement);
    }
    const copier = await schema.target.connect();
    const copy = async (statement: string) => {
      await delay(20);
      await copier.query(statement);
    };
    let stop = writing(schema, copy);
    nothingFalse(await check(schema));
    await stop();

    const matched = await check(schema);
    expect(matched.verdict, matched.reason).toBe('MATCH');
    expect(matched.position).toBeNull();

    for (const statement of drift(`${schema.sql}.t`)) await schema.target.query(statement);
    stop = writing(schema, copy);
    const busy = await check(schema);
    await stop();
    await copier.end();
    expect(shown(busy), busy.reason).toEqual(named);
  });
});
