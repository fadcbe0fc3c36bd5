import { createFreshSchema, startPair } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';
import { plant } from '../support/verify.ts';

test.each(flavours)(
  'what a table without transactions shows only when another replica has it is in flight, and no difference (%s)',
  async (flavour) => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const { source, target, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.keyed (id INT PRIMARY KEY) ENGINE=MyISAM`);
    await source.query(`CREATE TABLE ${sql}.keyless (v INT) ENGINE=MyISAM`);
    const tables = ['keyed', 'keyless'];
    for (const table of tables) await source.query(`INSERT INTO ${sql}.${table} VALUES (1)`);
    await schema.caughtUp();
    await stallCommits(source, 3_600_000);
    const word = flavour === 'mariadb' ? 'master' : 'source';
    await source.query(`SET GLOBAL rpl_semi_sync_${word}_wait_point = 'AFTER_COMMIT'`);
    const inserts = Promise.all(
      tables.map(async (table) => {
        const writer = await source.connect();
        await writer.query(`INSERT INTO ${sql}.${table} VALUES (2)`);
        await writer.end();
      }),
    );
    inserts.catch(() => undefined);
    for (const table of tables) {
      await vi.waitFor(async () => {
        expect(await target.query(`SELECT * FROM ${sql}.${table}`)).toHaveLength(2);
      }, patient);
      expect(await source.query(`SELECT * FROM ${sql}.${table}`)).toHaveLength(1);
    }
    const said = expect.stringContaining('commits wait for another replica') as string;
    expect(await checkOnce(schema, { waitMs: inVainMs })).toMatchObject([
      { verdict: 'UNVERIFIED', reason: said, rows: [] },
      { verdict: 'UNVERIFIED', reason: said, rows: [] },
    ]);
    await letCommitsGo(source);
    await inserts;
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'MATCH' }, { verdict: 'MATCH' }]);
    await plant(schema, `DELETE FROM ${sql}.keyed WHERE id = 1`, `DELETE FROM ${sql}.keyless WHERE v = 1`);
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'DIFFERENT' }, { verdict: 'DIFFERENT' }]);
  },
);
