import {
  createFreshSchema,
  type Flavour,
  type FreshSchema,
  startPair,
  startReplica,
  stopReplica,
} from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import type { ReplicationRoute } from '../../src/position/replication-route.ts';
import { plant, verify } from '../support/verify.ts';

/** One row is not the same, or is one that has another in its place. */
const isDifferent = { verdict: 'DIFFERENT', differences: { missing: 0, surplus: 0, changed: 1 } };

interface Happening {
  /** The target is about to be read, after the source was; or it was just read. */
  when: 'before' | 'after';
  /** At so many of its first reads. */
  reads: number;
  route?: Partial<ReplicationRoute>;
}

/** Writes while a table is compared. */
async function writing(schema: FreshSchema, statements: string[], { when, reads, route }: Happening) {
  const sourceRead = Promise.withResolvers<void>();
  let read = 0;
  const isRead = (statement: string) => statement.startsWith('SELECT') && statement.includes('`.`t` ');
  const happens = async (at: 'before' | 'after', side: 'source' | 'target', statement: string) => {
    if (!isRead(statement)) return;
    if (side === 'source' && at === 'after') sourceRead.resolve();
    if (side !== 'target' || at !== when || read >= reads) return;
    read++;
    await sourceRead.promise;
    const writer = await schema.source.connect();
    for (const each of statements) await writer.query(each);
    await writer.end();
    await schema.caughtUp();
  };
  const { of } = await verify(schema, {
    before: (side, statement) => happens('before', side, statement),
    after: (side, statement) => happens('after', side, statement),
    ...(route && { route }),
  });
  expect(read).toBe(reads);
  return of('t');
}

test('a list in a document that lacks an element for good is not the same, where parts of documents are sent', async () => {
  await using pair = await startPair({
    flavour: 'mysql',
    options: ['--binlog-row-value-options=PARTIAL_JSON'],
  });
  const schema = await createFreshSchema(pair);
  const t = `${schema.sql}.t`;
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, doc JSON)`);
  await schema.source.query(`INSERT INTO ${t} VALUES (1, '["x", "x"]'), (2, '["x"]')`);
  await plant(schema, `UPDATE ${t} SET doc = JSON_REMOVE(doc, '$[0]') WHERE id = 1`);
  const grow = `UPDATE ${t} SET doc = JSON_SET(doc, '$[9]', 'x') WHERE id = 1`;
  const result = await writing(schema, [grow], { when: 'before', reads: 1 });
  expect(result, result.reason).toMatchObject(isDifferent);
});

test.each([
  ['mariadb', ['--binlog-format=ROW']],
  ['mysql', ['--innodb-native-foreign-keys=ON']],
] satisfies [Flavour, string[]][])(
  'a row that refers to another one and takes over its new keys is not the same, where that is not logged (%s)',
  async (flavour, options) => {
    await using pair = await startPair({ flavour, options });
    const schema = await createFreshSchema(pair);
    const { source, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.parents (id INT PRIMARY KEY)`);
    await source.query(
      `CREATE TABLE ${sql}.t (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id) ON UPDATE CASCADE)`,
    );
    await source.query(`INSERT INTO ${sql}.parents VALUES (1), (2)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, 1)`);
    await plant(schema, `UPDATE ${sql}.t SET parent = 2 WHERE id = 1`);
    const change = (from: number, to: number) => `UPDATE ${sql}.parents SET id = ${to} WHERE id = ${from}`;
    const swap = ['BEGIN', change(1, 3), change(2, 1), change(3, 2), 'COMMIT'];
    const result = await writing(schema, swap, { when: 'before', reads: 1 });
    expect(result, result.reason).toMatchObject(isDifferent);
  },
);

test('a counter is not the same on a target whose trigger makes one more of what is sent', async () => {
  await using pair = await startPair({ flavour: 'mariadb', options: ['--binlog-format=ROW'] });
  const schema = await createFreshSchema(pair);
  const { source, target, sql } = schema;
  await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
  await source.query(`INSERT INTO ${sql}.t VALUES (1, 1), (2, 2)`);
  await target.query('SET GLOBAL slave_run_triggers_for_rbr = YES');
  await plant(
    schema,
    `CREATE TRIGGER ${sql}.more BEFORE UPDATE ON ${sql}.t FOR EACH ROW SET NEW.v = NEW.v + 1`,
  );
  const count = `UPDATE ${sql}.t SET v = v + 1 WHERE id = 1`;
  await source.query(count);
  await schema.caughtUp();
  const result = await writing(schema, [count], { when: 'after', reads: 3 });
  expect(result, result.reason).toMatchObject(isDifferent);
});

test.each(flavours)(
  'a row that changes is not the same on a target to which it does not come (%s)',
  async (flavour) => {
    await using pair = await startPair({ flavour, options: ['--binlog-format=ROW'] });
    const schema = await createFreshSchema(pair);
    const { source, target, name, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, 0), (2, 2)`);
    await schema.caughtUp();
    await stopReplica(target, 'sql');
    await target.query(
      flavour === 'mysql'
        ? `CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (${sql}.t)`
        : `SET GLOBAL replicate_ignore_table = '${name}.t'`,
    );
    await startReplica(target);
    const result = await writing(schema, [`UPDATE ${sql}.t SET v = 1 WHERE id = 1`], {
      when: 'after',
      reads: 1,
      route: { leavesOut: () => `Replicate_Ignore_Table=${name}.t` },
    });
    expect(result, result.reason).toMatchObject(isDifferent);
  },
);
