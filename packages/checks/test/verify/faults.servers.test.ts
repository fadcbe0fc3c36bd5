import { setTimeout as delay } from 'node:timers/promises';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { inVainMs } from '@lockstep/servers/patience';
import { flavours, freshSchema, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TableSelection } from '../../src/config.ts';
import { ServerFault } from '../../src/server/sql-server.ts';
import { verifyConfig } from '../support/config.ts';
import { startAgain } from '../support/start-again.ts';
import { plant, verify } from '../support/verify.ts';

const small = { verify: { ...verifyConfig, maxChunkRows: 100, parallel: 1 } };

async function filled(schema: FreshSchema, table: string, rows = 500): Promise<string> {
  const t = `${schema.sql}.${table}`;
  const values = Array.from({ length: rows }, (_, i) => `(${i}, ${i})`);
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
  await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
  await schema.caughtUp();
  return t;
}

/** Every row takes its time, so that statements can be met while they run. */
function slowly(schema: FreshSchema): TableSelection {
  const override = {
    match: '*',
    ignoreColumns: [],
    maskColumns: [],
    method: null,
    where: 'SLEEP(0.002) = 0',
  };
  return { include: [`${schema.name}.*`], exclude: [], overrides: [override] };
}

/** All of Lockstep's; resolves with how many there were. */
async function killConnections(server: ServerHandle): Promise<number> {
  const list = await server.query<{ id: number }>(
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = '${server.monitor.user}'`,
  );
  for (const { id } of list) await server.query(`KILL ${id}`).catch(() => undefined);
  return list.length;
}

/** For new connections, until the test ends. */
async function setGlobal(server: ServerHandle, name: string, value: string | number): Promise<void> {
  const [before] = await server.query<{ value: string | number }>(`SELECT @@GLOBAL.${name} AS value`);
  await server.query(`SET GLOBAL ${name} = ?`, [value]);
  onTestFinished(async () => {
    await server.query(`SET GLOBAL ${name} = ?`, [before?.value ?? '']);
  });
}

/** One pair for all that need their own; every test leaves it as it was. */
describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({ flavour });

  test('a target that dies in mid-run and stays away ends the run, with its table in error and the rest left as it was', async () => {
    const schema = await freshSchema(pair);
    startAgain(pair);
    await filled(schema, 'a');
    await filled(schema, 'b');
    const { run, of, results } = await verify(schema, {
      changes: { verify: { ...small.verify, waitMs: inVainMs } },
      beforeChunk: async (n) => {
        if (n === 3) await pair.target.kill9();
      },
    });
    expect(of('a').verdict).toBe('ERROR');
    expect(of('a').reason).toMatch(/^connection fault: target/);
    expect(results).toHaveLength(1);
    expect(run.state).toBe('failed');
    expect(run.evidence).toMatch(/connection fault: target/);
  });

  test('a match is not said of a table whose definition cannot be read any more when its rows were compared', async () => {
    const schema = await freshSchema(pair);
    startAgain(pair);
    await filled(schema, 'a');
    const { of, results } = await verify(schema, {
      changes: { verify: { ...small.verify, waitMs: inVainMs } },
      beforeDefinition: async (n) => {
        if (n === 2) await pair.target.kill9();
      },
    });
    expect(results.map(({ verdict }) => verdict)).toEqual(['ERROR']);
    expect(of('a')).toMatchObject({
      rowsCompared: 500,
      reason: expect.stringMatching(/^connection fault/) as string,
    });
  });

  test('a target frozen for a while in mid-run costs nothing but time', async () => {
    const schema = await freshSchema(pair);
    const t = await filled(schema, 'a');
    await plant(schema, `UPDATE ${t} SET v = -1 WHERE id = 450`);
    const { of } = await verify(schema, {
      changes: small,
      beforeChunk: async (n) => {
        if (n !== 3) return;
        await pair.target.freeze();
        setTimeout(() => pair.target.thaw(), 1500);
      },
    });
    expect(of('a')).toMatchObject({
      verdict: 'DIFFERENT',
      rowsCompared: 500,
      rows: [{ key: { id: '450' } }],
    });
  });

  test('a source that is started anew, or takes too long, when it is asked where a chunk ends costs nothing but time', async () => {
    const schema = await freshSchema(pair);
    startAgain(pair);
    const t = `${schema.sql}.a`;
    const values = Array.from({ length: 500 }, (_, i) => `('k${i + 1000}', ${i})`);
    await schema.source.query(`CREATE TABLE ${t} (k VARCHAR(10) PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
    await schema.caughtUp();
    await plant(schema, `UPDATE ${t} SET v = -1 WHERE k = 'k1450'`);
    let looked = 0;
    const isLookedUp = (side: string, sql: string) => side === 'source' && / LIMIT 1 OFFSET \d\d+$/.test(sql);
    const { of } = await verify(schema, {
      changes: small,
      before: async (side, sql) => {
        if (!isLookedUp(side, sql) || ++looked !== 2) return;
        await pair.source.kill9();
        await pair.source.start();
      },
      garble: (sql, rows) => {
        if (!isLookedUp('source', sql) || looked !== 4) return rows;
        looked++;
        throw new ServerFault('timeout', 'source', 'maximum statement execution time exceeded', 3024);
      },
    });
    expect(looked).toBeGreaterThan(4);
    expect(of('a'), of('a').reason).toMatchObject({
      verdict: 'DIFFERENT',
      rowsCompared: 500,
      rows: [{ key: { k: 'k1450' } }],
    });
  });

  test('a table emptied in mid-run matches as it is then; a renamed one is gone, and found under its new name', async () => {
    const schema = await freshSchema(flavour);
    const truncated = await filled(schema, 'a');
    const renamed = await filled(schema, 'b');
    const { of, results } = await verify(schema, {
      changes: small,
      beforeChunk: async (n) => {
        if (n === 3) await schema.source.query(`TRUNCATE TABLE ${truncated}`);
        if (n === 4) await schema.source.query(`RENAME TABLE ${renamed} TO ${schema.sql}.c`);
      },
    });
    expect(of('a').verdict, of('a').reason).toBe('MATCH');
    expect(results.map(({ table }) => table)).toEqual(['a']);
    expect((await verify(schema)).of('c').verdict).toBe('MATCH');
  });

  test('a row larger than max_allowed_packet is compared all the same', async () => {
    const schema = await freshSchema(pair);
    for (const server of [pair.source, pair.target]) await setGlobal(server, 'max_allowed_packet', 1024 ** 2);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, a LONGTEXT, b LONGBLOB, v INT)`);
    await schema.source.query(
      `INSERT INTO ${t} VALUES (1, REPEAT('x', 900000), REPEAT('y', 900000), 1), (2, 'a', 'b', 2)`,
    );
    await schema.caughtUp();
    expect((await verify(schema)).of('t').verdict).toBe('MATCH');
    await plant(schema, `UPDATE ${t} SET a = CONCAT(REPEAT('x', 899999), 'z') WHERE id = 1`);
    expect((await verify(schema)).of('t')).toMatchObject({
      verdict: 'DIFFERENT',
      rows: [{ columns: ['a'] }],
    });
  });

  test('many empty tables are each given their verdict', async () => {
    const schema = await freshSchema(flavour);
    for (let i = 0; i < 60; i++) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.t${i} (id INT PRIMARY KEY)`);
    }
    await schema.caughtUp();
    const { run } = await verify(schema);
    expect(run).toMatchObject({ state: 'finished', verdicts: { MATCH: 60 } });
  });

  test('a source killed in mid-run and started again costs nothing but time; one that stays away ends the run', async () => {
    const schema = await freshSchema(pair);
    startAgain(pair);
    const t = await filled(schema, 'a');
    await filled(schema, 'b');
    await plant(schema, `UPDATE ${t} SET v = -1 WHERE id = 450`);
    let restarted: Promise<unknown> = Promise.reject(new Error('not reached'));
    restarted.catch(() => undefined);
    const back = await verify(schema, {
      changes: small,
      beforeChunk: async (n) => {
        if (n !== 3) return;
        await pair.source.kill9();
        restarted = pair.source.start();
      },
    });
    await restarted;
    expect(back.of('a'), back.of('a').reason).toMatchObject({
      verdict: 'DIFFERENT',
      rowsCompared: 500,
      rows: [{ key: { id: '450' } }],
    });
    expect(back.of('b').verdict).toBe('MATCH');
    const away = await verify(schema, {
      changes: { verify: { ...small.verify, waitMs: inVainMs } },
      beforeChunk: async (n) => {
        if (n === 3) await pair.source.kill9();
      },
    });
    expect(away.of('a')).toMatchObject({
      verdict: 'ERROR',
      reason: expect.stringMatching(/^connection fault: source/) as string,
    });
    expect(away.run).toMatchObject({
      state: 'failed',
      evidence: expect.stringMatching(/connection fault: source/) as string,
    });
  });

  test('connections that somebody kills in mid-run are opened again', async () => {
    const schema = await freshSchema(pair);
    const t = await filled(schema, 'a');
    await plant(schema, `UPDATE ${t} SET v = -1 WHERE id = 450`);
    let killing: Promise<number[]> = Promise.reject(new Error('not reached'));
    killing.catch(() => undefined);
    const { of } = await verify(schema, {
      changes: { ...small, tables: slowly(schema) },
      beforeChunk: (n) => {
        // Not waited for, so that statements are under way.
        if (n === 3) {
          killing = delay(30).then(() => Promise.all([pair.source, pair.target].map(killConnections)));
        }
      },
    });
    const [ofSource = 0, ofTarget = 0] = await killing;
    expect(ofSource + ofTarget).toBeGreaterThan(1);
    expect(of('a'), of('a').reason).toMatchObject({
      verdict: 'DIFFERENT',
      rowsCompared: 500,
      rows: [{ key: { id: '450' } }],
    });
  });

  test('a privilege revoked in mid-run leaves that schema unverified, with the GRANT that mends it, and the others as they are', async () => {
    const schema = await freshSchema(pair);
    const other = await freshSchema(pair);
    await filled(schema, 'a');
    await filled(schema, 'b');
    await filled(other, 'c');
    const user = pair.target.monitor.user;
    const { of, run } = await verify(schema, {
      changes: {
        ...small,
        tables: { include: [`${schema.name}.*`, `${other.name}.*`], exclude: [], overrides: [] },
      },
      beforeChunk: async (n) => {
        if (n !== 3) return;
        await pair.target.query('SET sql_log_bin = 0');
        await pair.target.query(
          `REVOKE SELECT ON \`${schema.name.replaceAll('_', '\\_')}\`.* FROM '${user}'@'127.0.0.1'`,
        );
      },
    });
    for (const table of ['a', 'b']) {
      expect(of(table)).toMatchObject({
        verdict: 'UNVERIFIED',
        reason: expect.stringContaining(`GRANT SELECT ON \`${schema.name}\`.* on target`) as string,
      });
    }
    expect(of('c').verdict, of('c').reason).toBe('MATCH');
    expect(run).toMatchObject({ state: 'finished', verdicts: { UNVERIFIED: 2, MATCH: 1 } });
  });

  test('a target whose clock and time zone are hours off gives the same verdicts', async () => {
    const schema = await freshSchema(pair);
    const t = `${schema.sql}.t`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT PRIMARY KEY, at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), d DATETIME, KEY (at))`,
    );
    await schema.source.query(
      `INSERT INTO ${t} (id, d) VALUES (1, '2026-03-29 02:30:00'), (2, NOW()), (3, NOW())`,
    );
    await schema.caughtUp();
    await setGlobal(pair.target, 'time_zone', '+05:30');
    // For every connection but root's.
    await setGlobal(pair.target, 'init_connect', 'SET SESSION timestamp = UNIX_TIMESTAMP() + 3600');
    const same = (await verify(schema)).of('t');
    expect(same.verdict, same.reason).toBe('MATCH');
    await plant(
      schema,
      `UPDATE ${t} SET at = at + INTERVAL 1 MICROSECOND WHERE id = 2`,
      `UPDATE ${t} SET d = d + INTERVAL 1 HOUR WHERE id = 3`,
    );
    expect((await verify(schema)).of('t').rows).toMatchObject([
      { kind: 'changed', key: { id: '2' }, columns: ['at'] },
      { kind: 'changed', key: { id: '3' }, columns: ['d'] },
    ]);
  });
});
