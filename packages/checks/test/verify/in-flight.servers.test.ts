import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFreshSchema, type FreshSchema, type OwnPair, startPair } from '@lockstep/servers';
import { inVainMs, patienceMs, patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { provedAfter, watchLag } from '../support/lag-watch.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';
import { plant, verify } from '../support/verify.ts';

describe.each(
  flavours.flatMap((flavour) => [
    { flavour, gtid: true },
    { flavour, gtid: false },
  ]),
)('on $flavour, by GTID: $gtid', ({ flavour, gtid }) => {
  let pair: OwnPair;
  let schema: FreshSchema;
  beforeAll(async () => {
    pair = await startPair({ flavour, gtid });
    schema = await createFreshSchema(pair);
  });
  afterAll(() => pair.remove());
  beforeEach(async () => {
    await pair.source.query(`DROP TABLE IF EXISTS ${schema.sql}.t, ${schema.sql}.n, ${schema.sql}.fresh`);
    await pair.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v INT)`);
    await pair.source.query(`CREATE TABLE ${schema.sql}.n (v INT)`);
    await pair.source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 1), (2, 1), (3, 1)`);
    await pair.source.query(`INSERT INTO ${schema.sql}.n VALUES (1), (1), (2)`);
    await schema.caughtUp();
  });

  /** A transaction that the target has applied and the source goes on committing for so long, or until it is let go. */
  const stalled = async (forMs: number, work: () => Promise<void>) => {
    const connection = await pair.source.connect();
    await connection.query('START TRANSACTION');
    await connection.query(`UPDATE ${schema.sql}.t SET v = 9 WHERE id = 2`);
    await connection.query(`INSERT INTO ${schema.sql}.n VALUES (9)`);
    await stallCommits(pair.source, forMs);
    const commit = connection.query('COMMIT');
    try {
      await vi.waitFor(async () => {
        const rows = await pair.target.query(`SELECT 1 FROM ${schema.sql}.t WHERE v = 9`);
        expect(rows).toHaveLength(1);
      }, patient);
      await work();
    } finally {
      await letCommitsGo(pair.source);
      await commit;
      await connection.end();
    }
  };

  test('what the source sent and does not show yet, because another replica has not acknowledged it, is waited for', async () => {
    await stalled(2000, async () => {
      const results = await checkOnce(schema);
      expect(results.map(({ table, verdict, reason }) => ({ table, verdict, reason }))).toEqual([
        expect.objectContaining({ table: 'n', verdict: 'MATCH' }),
        expect.objectContaining({ table: 't', verdict: 'MATCH' }),
      ]);
    });
  });

  test('what the source goes on not to show is unverified, and says so, never different', async () => {
    await stalled(patienceMs, async () => {
      let unverified = 0;
      for (const check of ['checksum', 'consistency'] as const) {
        for (const result of await checkOnce(schema, { waitMs: inVainMs }, check)) {
          const { verdict, reason, differences } = result;
          expect(differences, reason).toEqual({ missing: 0, surplus: 0, changed: 0 });
          if (verdict === 'MATCH' && check === 'consistency') continue;
          expect(verdict, reason).toBe('UNVERIFIED');
          expect(reason).toMatch(
            /^source does not show .+ yet, (which target has|and target may have (it|them))$/,
          );
          unverified++;
        }
      }
      expect(unverified).toBeGreaterThanOrEqual(2);
    });
  });

  // By GTID it tells which it hides.
  test.runIf(flavour === 'mysql' && !gtid)(
    'what the source sends before it is synced, and shows only then, is not different',
    async () => {
      const { source, target } = pair;
      await source.query('SET GLOBAL sync_binlog = 0, GLOBAL binlog_group_commit_sync_delay = 1000000');
      const writer = await source.connect();
      let commit = Promise.resolve<unknown>(null);
      let v = 4;
      let lookedByKey = false;
      const send = async () => {
        await commit;
        commit = writer.query(`UPDATE ${schema.sql}.t SET v = ${++v} WHERE id = 2`);
        await vi.waitFor(async () => {
          expect(await target.query(`SELECT 1 FROM ${schema.sql}.t WHERE v = ${v}`)).toHaveLength(1);
        }, patient);
      };
      try {
        const results = [];
        // A source hides it for a second: where a target takes longer, there is nothing to be looked at down to a key.
        for (let tries = 0; tries < 20 && !lookedByKey; tries++) {
          const sent: Record<string, Promise<void>> = {};
          const { of } = await verify(schema, {
            only: [{ schema: schema.name, table: 't' }],
            route: { kind: 'file' },
            // Anew before each way of reading the table, of either side, down to that by its key.
            before: async (_, sql) => {
              if (lookedByKey || !sql.includes('`t`')) return;
              const byKey = sql.includes(' IN (2)');
              await (sent[byKey ? 'IN' : sql.slice(0, 12)] ??= send());
              lookedByKey = byKey;
            },
          });
          results.push(of('t'));
        }
        expect(lookedByKey).toBe(true);
        for (const { rows, verdict } of results) {
          expect(rows).toEqual([]);
          expect(['MATCH', 'UNVERIFIED']).toContain(verdict);
        }
      } finally {
        await commit;
        await writer.end();
        await source.query('SET GLOBAL sync_binlog = 1, GLOBAL binlog_group_commit_sync_delay = 0');
      }
      await schema.caughtUp();
      await plant(schema, `UPDATE ${schema.sql}.t SET v = 7 WHERE id = 3`);
      expect(await checkOnce(schema)).toMatchObject([{ verdict: 'MATCH' }, { verdict: 'DIFFERENT' }]);
    },
  );

  test('a difference is found all the same once the source shows what it sent', async () => {
    await schema.caughtUp();
    await pair.target.query('SET sql_log_bin = 0');
    await pair.target.query(`UPDATE ${schema.sql}.t SET v = 5 WHERE id = 3`);
    await pair.target.query('SET sql_log_bin = 1');
    await stalled(2000, async () => {
      const results = await checkOnce(schema);
      const t = results.find(({ table }) => table === 't');
      expect(
        t?.rows.map(({ kind, key }) => `${kind} ${key['id']}`),
        t?.reason,
      ).toEqual(['changed 3']);
    });
  });

  test('what LOAD DATA brought, its file and all, is on its way for as long as the target applies it', async () => {
    const [{ folder } = {}] = await pair.source.query('SELECT @@tmpdir AS folder');
    const file = join(String(folder), `${schema.name}.txt`);
    await writeFile(file, Array.from({ length: 2000 }, (_, i) => `${i + 10}\t${i}\n`).join(''));
    onTestFinished(() => rm(file));
    const loads = await pair.source.connect();
    const reads = await pair.target.connect();
    onTestFinished(() => [loads, reads].forEach((connection) => connection.destroy()));
    await using watch = watchLag({ source: pair.source, target: pair.target });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await reads.query(`LOCK TABLES ${schema.sql}.t READ`);
    await loads.query('SET SESSION binlog_format = STATEMENT');
    await loads.query(`LOAD DATA INFILE '${file}' INTO TABLE ${schema.sql}.t`);
    const loaded = Date.now();
    const t = async (waitMs = inVainMs) =>
      (await checkOnce(schema, { waitMs })).find(({ table }) => table === 't');
    const during = await t();
    await watch.samplesMore(6);
    expect(during?.verdict, during?.reason).toBe('UNVERIFIED');
    const lags = provedAfter(loaded, watch.samples('pair'));
    expect(lags.length).toBeGreaterThan(0);
    expect(lags.map(({ lagMs }) => lagMs)).not.toContain(0);
    await reads.query('UNLOCK TABLES');
    await vi.waitFor(() => expect(watch.sample().lagMs).toBe(0), patient);
    const after = await t(patienceMs);
    expect({ is: after?.verdict, rows: after?.rowsCompared }, after?.reason).toEqual({
      is: 'MATCH',
      rows: 2003,
    });
  });

  /** Rows of both tables go to and fro; on the way there each commit waits, on the way back none does. */
  const toggled = async (work: () => Promise<void>) => {
    const connection = await pair.source.connect();
    const write = async (v: number) => {
      await connection.query('START TRANSACTION');
      await connection.query(`UPDATE ${schema.sql}.t SET v = ${v} WHERE id = 2`);
      await connection.query(`UPDATE ${schema.sql}.n SET v = ${v} WHERE v >= 7`);
      await connection.query('COMMIT');
    };
    await connection.query(`INSERT INTO ${schema.sql}.n VALUES (7)`);
    await write(7);
    let running = true;
    const writing = (async () => {
      while (running) {
        await stallCommits(pair.source, 300);
        // When it has waited for so long the source gives waiting up, until it is switched on again.
        await write(8);
        await write(7);
        await letCommitsGo(pair.source);
      }
    })();
    try {
      await work();
    } finally {
      running = false;
      await writing;
      await connection.end();
    }
  };

  test('a row that its source shows for a moment only, between commits that wait, is never different', async () => {
    await toggled(async () => {
      for (let run = 0; run < 3; run++) {
        for (const { verdict, reason, differences } of await checkOnce(schema, { waitMs: unhurriedMs })) {
          expect(differences, reason).toEqual({ missing: 0, surplus: 0, changed: 0 });
          expect(['MATCH', 'UNVERIFIED'], reason).toContain(verdict);
        }
      }
    });
  });

  test('a difference that stands still is found while commits wait for another replica all the time', async () => {
    await pair.target.query('SET sql_log_bin = 0');
    await pair.target.query(`UPDATE ${schema.sql}.t SET v = 5 WHERE id = 3`);
    await pair.target.query(`UPDATE ${schema.sql}.n SET v = 5 WHERE v = 2`);
    await pair.target.query('SET sql_log_bin = 1');
    await toggled(async () => {
      const [n, t] = await checkOnce(schema, { waitMs: unhurriedMs });
      expect(n?.rows.map(({ kind, key }) => `${kind} ${key['v']}`).sort(), n?.reason).toEqual([
        'missing 2',
        'surplus 5',
      ]);
      expect(
        t?.rows.map(({ kind, key }) => `${kind} ${key['id']}`),
        t?.reason,
      ).toEqual(['changed 3']);
    });
  });
});
