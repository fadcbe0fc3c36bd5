import { createFreshSchema, startPair } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { plant } from '../support/verify.ts';

/** As many texts as it takes a server seconds to index, which it does when they are committed. */
const doublings = 14;

test('what a source shows and does not count yet, as long as it commits others with it, is on its way and not different', async () => {
  await using pair = await startPair({ flavour: 'mysql' });
  const { source, target } = pair;
  await source.query('CREATE DATABASE texts');
  await source.query('CREATE TABLE texts.seed (body TEXT)');
  const words = Array.from({ length: 60 }, () => Math.random().toString(36).slice(2)).join(' ');
  await source.query(`INSERT INTO texts.seed VALUES ('${words}')`);
  for (let i = 0; i < doublings; i++) {
    await source.query('INSERT INTO texts.seed SELECT CONCAT(REVERSE(body), RAND()) FROM texts.seed');
  }
  await source.query('CREATE TABLE texts.t (id INT PRIMARY KEY AUTO_INCREMENT, body TEXT, FULLTEXT (body))');
  const schema = await createFreshSchema(pair);
  const t = `${schema.sql}.t`;
  const n = `${schema.sql}.n`;
  await source.query(`CREATE TABLE ${n} (v INT)`);
  await source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
  await source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 1), (3, 1)`);
  await source.query(`INSERT INTO ${n} VALUES (1), (1), (2)`);
  await schema.caughtUp();

  const holder = await target.connect();
  await holder.query(`LOCK TABLES ${t} READ, ${n} READ`);
  const [small, large] = [await source.connect(), await source.connect()];
  await large.query('START TRANSACTION');
  await large.query('INSERT INTO texts.t (body) SELECT body FROM texts.seed');
  await small.query('START TRANSACTION');
  await small.query(`UPDATE ${t} SET v = 9 WHERE id = 2`);
  await small.query(`INSERT INTO ${n} VALUES (9)`);
  // Both are written together, and then committed one after the other, the small one first.
  await source.query('SET GLOBAL binlog_group_commit_sync_delay = 500000');
  const commits = [small.query('COMMIT'), large.query('COMMIT')];
  await vi.waitFor(async () => expect(await source.query(`SELECT 1 FROM ${t} WHERE v = 9`)).toHaveLength(1), {
    ...patient,
    interval: 1,
  });
  for (const { verdict, reason, differences } of await checkOnce(schema, { waitMs: inVainMs })) {
    expect(differences, reason).toEqual({ missing: 0, surplus: 0, changed: 0 });
    expect(verdict, reason).toBe('UNVERIFIED');
    // Which of the two is waited for in vain is a matter of the moment.
    expect(reason).toMatch(
      /target did not apply the source's position|source does not show .+ yet, which target has/,
    );
  }
  holder.destroy();
  await Promise.all(commits);
  await schema.caughtUp();
  expect((await checkOnce(schema)).map(({ verdict }) => verdict)).toEqual(['MATCH', 'MATCH']);
  await plant(schema, `UPDATE ${t} SET v = 7 WHERE id = 3`);
  expect(await checkOnce(schema)).toMatchObject([{ verdict: 'MATCH' }, { verdict: 'DIFFERENT' }]);
});
