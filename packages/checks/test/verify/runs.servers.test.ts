import { type FreshSchema, startReplica, stopReplica } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours, freshSchema, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import { verifyConfig } from '../support/config.ts';
import { startAgain } from '../support/start-again.ts';
import { plant, verify } from '../support/verify.ts';

async function filled(schema: FreshSchema, rows: number): Promise<string> {
  const t = `${schema.sql}.t`;
  const limit = schema.source.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  await schema.source.query(`SET SESSION ${limit} = 10000000`);
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL)`);
  await schema.source.query(
    `INSERT INTO ${t} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, SHA2(i, 256) FROM n`,
  );
  await schema.caughtUp();
  return t;
}

const small = { verify: { ...verifyConfig, maxChunkRows: 200, parallel: 1 } };

describe.each(flavours)('on %s', (flavour) => {
  /** For what stops or kills it; every test leaves it as it was. */
  const pair = tendedPair({ flavour });

  test('a table altered in mid-run is compared again as it is then', async () => {
    const schema = await freshSchema(flavour);
    const t = await filled(schema, 5000);
    const beforeChunk = async (n: number) => {
      if (n === 3) await schema.source.query(`ALTER TABLE ${t} ADD COLUMN extra INT`);
    };
    const { of } = await verify(schema, { changes: small, beforeChunk });
    expect(of('t')).toMatchObject({ verdict: 'MATCH', rowsCompared: 5000 });
  });

  test('a table altered in mid-run, later than it was made, is compared again, and nothing is looked for behind its end', async () => {
    const schema = await freshSchema(flavour);
    const t = await filled(schema, 5000);
    const beforeChunk = async (n: number) => {
      if (n > 1000) throw new Error('it goes on behind the end of the table');
      if (n !== 3) return;
      await vi.waitFor(async () => {
        const [row] = await schema.source.query<{ later: number }>(
          `SELECT NOW() > CREATE_TIME + INTERVAL 1 SECOND AS later
             FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema.name}'`,
        );
        expect(Number(row?.later)).toBe(1);
      }, patient);
      await schema.source.query(`ALTER TABLE ${t} ADD COLUMN extra INT`);
    };
    const { of } = await verify(schema, { changes: small, beforeChunk });
    expect(of('t')).toMatchObject({ verdict: 'MATCH', rowsCompared: 5000 });
  });

  test('a table dropped in mid-run is gone, not an error', async () => {
    const schema = await freshSchema(flavour);
    const t = await filled(schema, 5000);
    const beforeChunk = async (n: number) => {
      if (n === 3) await schema.source.query(`DROP TABLE ${t}`);
    };
    const { run, results } = await verify(schema, { changes: small, beforeChunk });
    expect([run.state, results]).toEqual(['finished', []]);
  });

  test('a run can be held between two chunks, says so, and goes on', async () => {
    const schema = await freshSchema(flavour);
    await filled(schema, 3000);
    const states: [evidence: string, heldBy: Run['heldBy']][] = [];
    const { run } = await verify(schema, {
      changes: small,
      onProgress: ({ evidence, heldBy }) => states.push([evidence, heldBy]),
      beforeChunk: (n, check) => {
        if (n !== 3) return;
        check.pause('me');
        setTimeout(() => check.resume(), 50);
      },
    });
    expect(states).toContainEqual(['paused: held by me', 'operator']);
    expect(run).toMatchObject({ state: 'finished', heldBy: null, verdicts: { MATCH: 1 } });
  });

  test('cancelling ends the statements on the servers', async () => {
    const schema = await freshSchema(flavour);
    await filled(schema, 10);
    const started = vi.fn();
    const { run } = await verify(schema, {
      changes: {
        tables: {
          include: [`${schema.name}.*`],
          exclude: [],
          // Every row takes its time, so that there is a statement to be ended.
          overrides: [
            { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: 'SLEEP(60) = 0' },
          ],
        },
      },
      onStart: (check) =>
        void vi
          .waitFor(async () => {
            expect(await running(schema)).toBeGreaterThan(0);
          }, patient)
          .then(() => {
            started();
            check.cancel('me');
          }),
    });
    expect(started).toHaveBeenCalled();
    expect(run).toMatchObject({ state: 'cancelled', evidence: 'cancelled by me' });
    await vi.waitFor(async () => expect(await running(schema)).toBe(0), patient);
  });

  test('where replication stands still, what differs is unverified and says why; what is the same still matches', async () => {
    const schema = await freshSchema(pair);
    const t = await filled(schema, 100);
    await schema.source.query(`CREATE TABLE ${schema.sql}.same (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    await stopReplica(pair.target, 'sql');
    await schema.source.query(`UPDATE ${t} SET v = 'newer' WHERE id = 5`);
    const options = {
      changes: { verify: { ...verifyConfig, waitMs: inVainMs } },
      route: { stopped: 'the applier is stopped' },
    };
    const first = await verify(schema, options);
    expect(first.of('t').verdict).toBe('UNVERIFIED');
    expect(first.of('t').reason).toMatch(/did not apply .* the applier is stopped/);
    expect(first.of('same').verdict).toBe('MATCH');
    await startReplica(pair.target);
    await schema.caughtUp();
    expect((await verify(schema)).of('t').verdict).toBe('MATCH');
  });

  test('a target killed and started again in mid-run costs nothing but time', async () => {
    const schema = await freshSchema(pair);
    startAgain(pair);
    const t = await filled(schema, 3000);
    await plant(schema, `UPDATE ${t} SET v = 'x' WHERE id = 2900`);
    let restarted: Promise<unknown> = Promise.reject(new Error('not reached'));
    restarted.catch(() => undefined);
    const { of } = await verify(schema, {
      changes: { verify: { ...verifyConfig, maxChunkRows: 100, parallel: 2 } },
      beforeChunk: async (n) => {
        if (n !== 3) return;
        await pair.target.kill9();
        restarted = pair.target.start();
      },
    });
    await restarted;
    expect(of('t')).toMatchObject({ verdict: 'DIFFERENT', rowsCompared: 3000, differences: { changed: 1 } });
  });

  test('names that SQL and placeholders could trip over are compared like any other', async () => {
    const schema = await freshSchema(flavour);
    const names = [
      'select',
      'with space',
      'dot.ted',
      'back`tick',
      'what?',
      'hash#',
      'naïve',
      "quo'te",
      'per%cent',
    ];
    for (const name of names) {
      const quoted = `${schema.sql}.\`${name.replaceAll('`', '``')}\``;
      const column = `\`${name.replaceAll('`', '``')}\``;
      await schema.source.query(`CREATE TABLE ${quoted} (${column} INT PRIMARY KEY, v INT)`);
      await schema.source.query(`INSERT INTO ${quoted} VALUES (1, 1), (2, 2)`);
      await plant(schema, `UPDATE ${quoted} SET v = 9 WHERE ${column} = 2`);
    }
    const { of } = await verify(schema);
    for (const name of names) {
      expect(of(name), name).toMatchObject({
        verdict: 'DIFFERENT',
        rows: [{ key: { [name]: '2' }, columns: ['v'] }],
      });
    }
  });
});

async function running(schema: FreshSchema): Promise<number> {
  const counts = await Promise.all(
    [schema.source, schema.target].map(async (server) => {
      const [row] = await server.query<{ n: number }>(
        `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = '${server.monitor.user}' AND INFO LIKE '%SLEEP(60)%' AND INFO LIKE '%${schema.name}%'`,
      );
      return Number(row?.n);
    }),
  );
  return counts.reduce((a, b) => a + b, 0);
}
