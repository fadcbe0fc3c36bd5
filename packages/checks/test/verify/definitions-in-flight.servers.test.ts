import {
  createFreshSchema,
  type FreshSchema,
  type OwnPair,
  startPair,
  startReplica,
  stopReplica,
} from '@lockstep/servers';
import { inVainMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOnce } from '../support/check-once.ts';

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  let schema: FreshSchema;
  const ddl = [
    'ALTER TABLE t ADD COLUMN c INT DEFAULT 5, ADD KEY (v)',
    'ALTER TABLE t DROP COLUMN c, DROP KEY v',
    'CREATE TABLE fresh (id INT PRIMARY KEY)',
    'DROP TABLE fresh',
    'RENAME TABLE t TO t2, t2 TO t3, t3 TO t',
    'CREATE TABLE u LIKE t',
  ];
  beforeAll(async () => {
    pair = await startPair({ flavour, delaySeconds: 3 });
    schema = await createFreshSchema(pair);
    await pair.source.query(`USE ${schema.sql}`);
    await pair.source.query('CREATE TABLE t (id INT PRIMARY KEY, v INT)');
    await pair.source.query('INSERT INTO t VALUES (1, 1), (2, 2)');
    await schema.caughtUp();
  });
  afterAll(() => pair.remove());

  test.each(ddl)('on a delayed replica %s is waited for, and is no difference', async (statement) => {
    await pair.source.query(statement);
    for (const { table, verdict, reason } of await checkOnce(schema)) {
      if (reason === 'the table is on neither side') continue;
      expect({ table, verdict }, reason).toEqual({ table, verdict: 'MATCH' });
    }
    await schema.caughtUp();
  });

  test('a definition that does not come is unverified, and one that differs for good is called different', async () => {
    await stopReplica(pair.target, 'sql');
    await pair.source.query('ALTER TABLE t ADD COLUMN late INT');
    const stuck = await checkOnce(schema, { waitMs: inVainMs }, 'checksum', {
      tables: { include: [`${schema.name}.t`], exclude: [], overrides: [] },
    });
    expect(stuck).toMatchObject([
      { verdict: 'UNVERIFIED', reason: expect.stringContaining('the applier is stopped') as string },
    ]);
    await startReplica(pair.target, 'sql');
    await schema.caughtUp();
    await pair.target.query('SET sql_log_bin = 0');
    await pair.target.query(`ALTER TABLE ${schema.sql}.t ADD COLUMN own INT`);
    await pair.target.query('SET sql_log_bin = 1');
    const [found] = await checkOnce(schema);
    expect(found).toMatchObject({
      verdict: 'SCHEMA_DIFFERS',
      reason: expect.stringMatching(/column own int\S* is on the target only/) as string,
    });
  });
});
